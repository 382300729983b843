export type RefusalReason = 'scheme' | 'port' | 'credentials' | 'name' | 'address' | 'unparsable'

const TEXTS: Record<RefusalReason, string> = {
  scheme: 'only http and https addresses may be called',
  port: 'this port may not be called',
  credentials: 'an address may not carry a user name or password',
  name: 'this name belongs to an internal network',
  address: 'this host is in a private, local or reserved network',
  unparsable: 'this is not an address that can be called',
}

/**
 * A call that the guard did not let out. The message names neither URL nor address: the URL may carry a secret in its query,
 * and an address that a name resolves to tells a caller about the network behind the server.
 */
export class EgressRefused extends Error {
  readonly code = 'ERR_EGRESS_REFUSED'
  override readonly name = 'EgressRefused'
  readonly reason: RefusalReason
  constructor(reason: RefusalReason) {
    super(`outbound call refused: ${TEXTS[reason]}`)
    this.reason = reason
  }
}
