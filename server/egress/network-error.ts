import { EgressRefused } from './egress-refused.ts'

export type NetworkErrorKind = 'refused' | 'dns' | 'tls' | 'timeout' | 'reset' | 'blocked' | 'other'

export type NetworkErrorDescription = {
  /** `refused`: the host or its port does not take connections; `blocked`: our guard, or the forward proxy, said no. */
  kind: NetworkErrorKind
  /** Whether the request may have reached the server. False only when it is known that no byte of it left. */
  sent: boolean
  /** For people; holds no URL, header or body. */
  text: string
}

const notSent = new WeakSet<Error>()

/** For connectors: everything that fails there fails before a byte of the request. */
export const markNotSent = <E extends Error>(error: E): E => {
  notSent.add(error)
  return error
}

const CODES: Record<string, [NetworkErrorKind, string]> = {
  ERR_EGRESS_REFUSED: ['blocked', 'the destination may not be called from this server'],
  ERR_PROXY_TUNNEL: ['blocked', 'the forward proxy (HTTPS_PROXY) did not open a tunnel'],
  ERR_PROXY_AWAY: ['refused', 'the forward proxy (HTTPS_PROXY) is away, or cannot reach the host'],
  ECONNREFUSED: ['refused', 'the host does not accept connections on this port'],
  EHOSTUNREACH: ['refused', 'there is no route to the host'],
  ENETUNREACH: ['refused', 'there is no route to the network of the host'],
  EADDRNOTAVAIL: ['refused', 'this machine has no free local address or port for the connection'],
  ENOTFOUND: ['dns', 'the name of the host does not exist'],
  EAI_AGAIN: ['dns', 'the name server did not answer'],
  EAI_FAIL: ['dns', 'the name server failed'],
  EAI_NODATA: ['dns', 'the name of the host has no address'],
  EAI_NONAME: ['dns', 'the name of the host does not exist'],
  UND_ERR_CONNECT_TIMEOUT: ['timeout', 'the host did not accept the connection in time'],
  ETIMEDOUT: ['timeout', 'the host did not answer in time'],
  UND_ERR_HEADERS_TIMEOUT: ['timeout', 'the host accepted the request but did not begin to answer in time'],
  UND_ERR_BODY_TIMEOUT: ['timeout', 'the answer stopped before its end'],
  ECONNRESET: ['reset', 'the host cut the connection'],
  EPIPE: ['reset', 'the host cut the connection'],
  ECONNABORTED: ['reset', 'the connection was cut'],
  UND_ERR_SOCKET: ['reset', 'the host cut the connection'],
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: ['other', 'the answer was shorter or longer than it declared'],
  UND_ERR_RES_EXCEEDED_MAX_SIZE: ['other', 'the answer was too large'],
  UND_ERR_HEADERS_OVERFLOW: ['other', 'the headers of the answer were too large'],
  CERT_HAS_EXPIRED: ['tls', 'the certificate of the host has expired'],
  CERT_NOT_YET_VALID: ['tls', 'the certificate of the host is not valid yet (is the clock of this machine right?)'],
  DEPTH_ZERO_SELF_SIGNED_CERT: ['tls', 'the certificate of the host is self-signed'],
  SELF_SIGNED_CERT_IN_CHAIN: [
    'tls',
    'the certificate of the host comes from an authority that is not trusted (NODE_EXTRA_CA_CERTS adds one)',
  ],
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: ['tls', 'the authority of the host’s certificate is not known (NODE_EXTRA_CA_CERTS adds one)'],
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: ['tls', 'the host does not send its certificate chain, or its authority is not known'],
  ERR_TLS_CERT_ALTNAME_INVALID: ['tls', 'the certificate of the host is for another name'],
}

// Codes of connecting and resolving: whoever made the error, the request was not sent. EHOSTUNREACH and ETIMEDOUT are not among them,
// since a live connection gives them too when the network goes away.
const BEFORE_SENDING = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EAI_FAIL',
  'EAI_NODATA',
  'EAI_NONAME',
  'UND_ERR_CONNECT_TIMEOUT',
])

const MAX_CAUSES = 5

/** The error and its causes: `fetch` wraps, and connecting to several addresses gives an AggregateError. */
const withCauses = (error: unknown): Error[] => {
  const chain: Error[] = []
  let next: unknown = error
  while (next instanceof Error && chain.length < MAX_CAUSES) {
    chain.push(next)
    next = next instanceof AggregateError ? next.errors[0] : next.cause
  }
  return chain
}

const codeOf = (error: Error): string => ('code' in error && typeof error.code === 'string' ? error.code : '')

const classify = (error: Error): [NetworkErrorKind, string] | undefined => {
  const code = codeOf(error)
  const known = CODES[code]
  if (known) return known
  if (error.name === 'TimeoutError') return ['timeout', 'the call did not end in time']
  if (/^(ERR_TLS|ERR_SSL|EPROTO|CERT_|CRL_|UNABLE_TO_|ERR_OSSL)/.test(code))
    return ['tls', `the secure connection could not be made (${code})`]
  if (code.startsWith('HPE_')) return ['other', 'the answer was not valid HTTP']
  return undefined
}

/** Describes what undici, node:net, node:tls or the guard threw, without repeating their messages, which may quote what was sent. */
export const describeNetworkError = (error: unknown): NetworkErrorDescription => {
  const chain = withCauses(error)
  const [kind, text] = chain.map(classify).find((found) => found !== undefined) ?? ['other', 'the call failed']
  const known = chain.some((link) => notSent.has(link) || link instanceof EgressRefused || BEFORE_SENDING.has(codeOf(link)))
  return { kind, sent: !known, text }
}
