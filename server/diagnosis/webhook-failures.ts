import type { ErrorRow } from '@hawser/salesforce/errors/error-row.ts'
import { toDiagnosis, type Diagnosis } from './diagnose.ts'

/** How a delivery to a webhook address ended: without an answer, refused by our own guard, or with a status. `host` is shown, the path never. */
export type DeliveryFailure = { host?: string | undefined } & (
  | { network: 'dns' | 'tls' | 'refused' | 'timeout' | 'reset' | 'other' }
  | { blocked: true }
  | { status: number }
)

type Words = Pick<ErrorRow, 'title' | 'cause' | 'fix'> & Partial<Pick<ErrorRow, 'class' | 'actor'>>

const HOW_TO_TRY = 'Deliveries are tried again by themselves for three days.'

const NO_ANSWER: Record<Extract<DeliveryFailure, { network: unknown }>['network'], Words> = {
  dns: {
    title: 'The host of the webhook address cannot be resolved',
    cause: 'The name does not exist, or the name server does not answer.',
    fix: ['Compare the webhook address with the one of your server.', 'Resolve the name from the machine that Hawser runs on.', HOW_TO_TRY],
  },
  tls: {
    title: 'No secure connection to the webhook address could be made',
    cause: 'The receiver’s certificate is out of date, self-signed, for another name, or sent without its chain.',
    fix: [
      'Renew the certificate, and let the receiver send the whole chain.',
      'For an authority of your own, give its certificate to Hawser with NODE_EXTRA_CA_CERTS. Verification is never switched off.',
      HOW_TO_TRY,
    ],
  },
  refused: {
    title: 'The receiver refuses connections',
    cause: 'Nothing listens at the address, or a firewall refuses.',
    fix: [
      'Start the receiver, and compare host and port with the webhook address.',
      'Let the firewall take connections from Hawser.',
      HOW_TO_TRY,
    ],
  },
  timeout: {
    title: 'The receiver did not answer in time',
    cause: 'The receiver works on the event before it answers, or cannot be reached. The event may have arrived.',
    fix: ['Answer 2xx at once, and work on the event afterwards.', 'Drop an event whose webhook-id was seen before.', HOW_TO_TRY],
  },
  reset: {
    title: 'The receiver cut the connection',
    cause: 'The receiver or a proxy before it closed the connection before it answered. The event may have arrived.',
    fix: ['Read the log of the receiver and of its proxy.', 'Drop an event whose webhook-id was seen before.', HOW_TO_TRY],
  },
  other: {
    title: 'The receiver did not answer as HTTP should',
    cause: 'What listens at the address is no web server, or its answer was cut or too large.',
    fix: ['Compare host and port with the webhook address.', 'Read the log of the receiver.', HOW_TO_TRY],
  },
}

/** What is wrong with a delivery, under an id `webhook-…`. For engineers: no end user sees webhooks. */
export function diagnoseDelivery(failure: DeliveryFailure): Diagnosis {
  const host = failure.host === undefined ? {} : { host: failure.host }
  if ('blocked' in failure) return told('webhook-blocked', BLOCKED, host)
  if ('network' in failure) return told(`webhook-${failure.network}`, NO_ANSWER[failure.network], host)
  const { id, words } = ofStatus(failure.status)
  return told(id, words, { ...host, status: failure.status })
}

const BLOCKED: Words = {
  class: 'config',
  actor: 'hawser',
  title: 'Hawser may not call the webhook address',
  cause: 'The address is on a private network or otherwise closed to outbound calls, or the forward proxy refused it.',
  fix: [
    'Use an address that can be reached from the internet.',
    'If a private one is meant: whoever runs Hawser allows the host with HAWSER_TRUSTED_HOSTS.',
    'This event is not tried again; later ones are.',
  ],
}

function ofStatus(status: number): { id: string; words: Words } {
  if (status === 401 || status === 403)
    return {
      id: 'webhook-unauthorized',
      words: {
        class: 'config',
        title: 'The receiver refuses the delivery as not authorized',
        cause: 'The receiver asks for a login, or its check of the signature fails: another key, a changed body, or a clock that is off.',
        fix: [
          'Verify webhook-signature over the raw body, with the key of this environment, before any JSON parser touches it.',
          'Take the path out of logins and CSRF checks.',
          'Check the receiver’s clock.',
        ],
      },
    }
  if (status === 404 || status === 410)
    return {
      id: 'webhook-not-found',
      words: {
        class: 'config',
        title: 'The receiver knows no such address',
        cause: 'The path is wrong or no longer there, or takes no POST.',
        fix: [
          'Correct the webhook address in the environment’s settings: PATCH /environment.',
          'This event is not tried again; later ones are.',
        ],
      },
    }
  if (status === 429)
    return {
      id: 'webhook-rate-limited',
      words: {
        class: 'limit',
        title: 'The receiver slows us down',
        cause: 'The receiver takes fewer events in a time than come.',
        fix: [HOW_TO_TRY],
      },
    }
  if (status >= 500 || status === 408 || status === 425)
    return {
      id: 'webhook-receiver-fault',
      words: {
        title: 'The receiver has a fault',
        cause: 'The receiver or a proxy before it failed.',
        fix: ['Read the log of the receiver.', HOW_TO_TRY],
      },
    }
  if (status >= 300 && status < 400)
    return {
      id: 'webhook-redirected',
      words: {
        class: 'config',
        title: 'The webhook address redirects',
        cause: 'Redirects are not followed: a signed event must not go where nobody decided to send it.',
        fix: ['Set the webhook address to the place the redirect leads to.'],
      },
    }
  return {
    id: 'webhook-refused-by-receiver',
    words: {
      class: 'config',
      title: 'The receiver refuses the event',
      cause: 'The receiver answers that something is wrong with the request.',
      fix: ['Read the log of the receiver for the reason.', 'Answer 2xx also for kinds of events that you do not need.'],
    },
  }
}

function told(id: string, words: Words, evidence: Diagnosis['evidence']): Diagnosis {
  const common = {
    where: 'check',
    class: 'transient',
    actor: 'developer',
    endUserText: 'Nothing is wrong with your connection.',
    confidence: 'V',
  } as const
  return toDiagnosis({ ...common, id, source: 'our own delivery', ...words }, evidence)
}
