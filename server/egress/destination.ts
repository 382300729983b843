import { isIP } from 'node:net'
import { addressAllowed } from './addresses.ts'
import { EgressRefused } from './egress-refused.ts'

/** `host` in lower case, without brackets and without a trailing dot. */
export type HostPort = { host: string; port: number }

export const bareHost = (hostname: string): string =>
  hostname
    .toLowerCase()
    .replace(/^\[(.*)\]$/, '$1')
    .replace(/(.)\.$/, '$1')

export const hostPortKey = ({ host, port }: HostPort): string => `${bareHost(host)}:${port}`

export const portOf = (protocol: string, port: string): number => (port === '' ? (protocol === 'https:' ? 443 : 80) : Number(port))

const isLoopback = (host: string): boolean => host === 'localhost' || host.endsWith('.localhost') || host === '::1' || /^127\.\d/.test(host)

// Names that only a local resolver knows (RFC 6761, 6762, 8375; `internal` is reserved by ICANN for private use and holds Google's
// metadata). Where this process resolves names, their addresses tell; where a forward proxy does, only the name can.
const INTERNAL_SUFFIXES = ['localhost', 'local', 'internal', 'intranet', 'lan', 'home.arpa']

const isInternalName = (host: string): boolean =>
  !host.includes('.') || INTERNAL_SUFFIXES.some((suffix) => host === suffix || host.endsWith(`.${suffix}`))

/** What can be told before a name is resolved. @throws EgressRefused */
export const checkDestination = (protocol: string, { host, port }: HostPort, allowedPorts: ReadonlySet<number>): void => {
  if (protocol !== 'http:' && protocol !== 'https:') throw new EgressRefused('scheme')
  if (isIP(host) !== 0) {
    if (!addressAllowed(host)) throw new EgressRefused('address')
  } else if (isInternalName(host)) throw new EgressRefused('name')
  if (!allowedPorts.has(port)) throw new EgressRefused('port')
}

const parseNoProxyEntry = (entry: string): { host: string; port: number | undefined } => {
  // A bare IPv6 address has several colons and no port; with a port it stands in brackets.
  const [, host = entry, port] = /^(\[.+\]|[^:]*):(\d+)$/.exec(entry) ?? []
  return { host: bareHost(host).replace(/^\*?\./, ''), port: port === undefined ? undefined : Number(port) }
}

/**
 * Which destinations go around the forward proxy. `noProxy` as curl and Go read it: commas or spaces between `host`, `.suffix`, `*.suffix`,
 * `host:port` and `*`; a plain host also stands for the names under it. Networks (`10.0.0.0/8`) are not read. Loopback never goes through.
 */
export const bypassesProxy = (noProxy: string): ((destination: HostPort) => boolean) => {
  const rules = noProxy
    .split(/[\s,]+/)
    .filter((entry) => entry !== '')
    .map(parseNoProxyEntry)
  return ({ host, port }) =>
    isLoopback(host) ||
    rules.some(
      (rule) =>
        (rule.port === undefined || rule.port === port) && (rule.host === '*' || host === rule.host || host.endsWith(`.${rule.host}`)),
    )
}
