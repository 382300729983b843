import type { ErrorRow } from '@hawser/salesforce/errors/error-row.ts'

/** Ways in which a request can fail before there is an answer. `timeout` and `reset` are after the request was sent, the others before. */
export type NetworkFailure = 'refused' | 'dns' | 'tls' | 'timeout' | 'reset'

const LATER_TEXT = 'The service cannot be reached at the moment. Please try again in a few minutes.'

const common = {
  where: 'token',
  class: 'transient',
  endUserText: LATER_TEXT,
  confidence: 'V',
  source: 'our own observation of the socket',
} as const

/** What is said when there was no answer, by what the socket showed. */
export const networkFailures: Readonly<Record<NetworkFailure, Omit<ErrorRow, 'match'>>> = {
  refused: {
    ...common,
    id: 'network-refused',
    title: 'The host refused the connection',
    cause: 'Nothing listens there, or a firewall on our side or theirs refuses.',
    fix: ['Nothing if it passes.', 'Else check the host name and our outbound firewall or proxy.'],
  },
  dns: {
    ...common,
    id: 'network-dns',
    title: 'The host name cannot be resolved',
    cause: 'Our resolver does not answer, or the name does not exist (any more): a My Domain was renamed, an org deleted.',
    fix: ['Resolve the name from the server.', 'If other names work, correct the connection’s host.'],
  },
  tls: {
    ...common,
    id: 'network-tls',
    actor: 'hawser',
    title: 'No secure connection could be made',
    cause: 'The certificate is not trusted here, is out of date, or something between us and the host replaces it.',
    fix: ['Check the server’s clock and, behind an inspecting proxy, NODE_EXTRA_CA_CERTS.', 'Verification is never switched off.'],
  },
  timeout: {
    ...common,
    id: 'network-timeout',
    title: 'The host did not answer in time',
    cause: 'The host or the way to it is overloaded. The request may have been carried out.',
    fix: ['Nothing if it passes.', 'Else measure the way to the host from the server.'],
  },
  reset: {
    ...common,
    id: 'network-reset',
    title: 'The connection was cut before the answer',
    cause: 'The host, a proxy or a firewall closed the connection. The request may have been carried out.',
    fix: ['Nothing if it passes.', 'Else look for a proxy or firewall with a short idle limit.'],
  },
}

/** An answer that is not what the protocol promises: an error page, nothing, or bytes. */
export const unreadableAnswer: Omit<ErrorRow, 'match'> = {
  ...common,
  id: 'answer-unreadable',
  title: 'The answer is not of the expected form',
  cause: 'An error page of a proxy, firewall or load balancer, a maintenance page, or an answer that was cut.',
  fix: ['Nothing if it passes.', 'Else open the address from the server and see who answers.'],
}

/** JSON with a code that no table knows. */
export const unknownCode: Omit<ErrorRow, 'match'> = {
  ...common,
  id: 'error-code-unknown',
  actor: 'developer',
  title: 'The provider answered with an error that we do not know',
  cause: 'The code is neither in RFC 6749 nor in our table for this provider.',
  fix: [
    'Read the code in the log.',
    'A refresh is tried again and never counted as the end of the connection; a sign-in must be started again.',
  ],
  confidence: '?',
  source: 'none',
}
