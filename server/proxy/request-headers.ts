/** Which headers of a caller's request reach the provider. Whatever has no rule here is passed by the gateway and dropped by `/proxy`. */
import type { IncomingHttpHeaders } from 'node:http'
import { PRODUCT } from '#lib/product.ts'
import { HOP_BY_HOP, namedByConnection } from './hop-by-hop.ts'

export type Door = 'proxy' | 'gateway'

/** Never forwarded by either door, also not as `Nango-Proxy-<name>`. Each with its reason. */
const never: Readonly<Record<string, string>> = {
  authorization: 'Carries the caller’s key for us. The provider gets the connection’s own.',
  'x-sfdc-session': 'Bulk API 1.0’s second Authorization; replaced, see below.',
  cookie: 'Belongs to our origin: a browser would attach the dashboard’s session.',
  cookie2: 'As `Cookie`.',
  host: 'Names us. The provider’s is the origin of the target; a chosen one could reach another virtual host behind the same address.',
  'content-length': 'The framing is made anew from the body that is really sent (RFC 9112 §6.3: request smuggling).',
  expect: '`100-continue` is answered by us, after authentication (RFC 9110 §10.1.1).',
  forwarded: 'Addresses inside the caller’s network; and providers that trust it would take our word for a forged one (RFC 7239).',
  'x-forwarded-for': 'As `Forwarded`.',
  'x-forwarded-host': 'As `Forwarded`: cache poisoning and password-reset links at the provider.',
  'x-forwarded-proto': 'As `Forwarded`.',
  'x-forwarded-port': 'As `Forwarded`; and so is every other `X-Forwarded-…`, of which there are many (`-Uri`, `-Prefix`, `-Server`).',
  'x-real-ip': 'As `Forwarded`.',
  via: 'Names the hops in front of us.',
  origin: 'A browser’s page at our origin means nothing to the provider (RFC 6454).',
  referer: 'May hold addresses of the caller’s pages (RFC 9110 §10.1.3).',
  'provider-config-key': 'Ours.',
  'connection-id': 'Ours; ids of the caller’s customers.',
  retries: 'Ours.',
  'retry-on': 'Ours.',
  'retry-deadline': 'Ours.',
  'base-url-override': 'Ours.',
  decompress: 'Ours.',
  'forward-headers-on-redirect': 'Ours.',
  'nango-activity-log-id': 'Ours.',
  'nango-is-sync': 'Ours.',
  'nango-is-script': 'Ours.',
  'nango-is-dry-run': 'Ours.',
}

/** What `/proxy` forwards without being asked to by the prefix. */
const plain: Readonly<Record<string, string>> = {
  accept: 'What the caller can read.',
  'accept-encoding': 'The body is passed on as it is, so the caller must understand its encoding (else `identity` is asked for).',
  'content-type': 'Describes the body, which is passed on byte for byte.',
  'content-encoding': 'As `Content-Type`.',
  'content-language': 'As `Content-Type`.',
  range: 'RFC 9110 §14.2.',
  'if-match': 'RFC 9110 §13.1: conditional requests.',
  'if-none-match': 'As `If-Match`.',
  'if-modified-since': 'As `If-Match`; Salesforce’s describe calls are built on it.',
  'if-unmodified-since': 'As `If-Match`.',
  'if-range': 'As `If-Match`.',
}
const OWN_PREFIX = 'nango-proxy-'
/** Salesforce’s call options (`Sforce-Query-Options`, `Sforce-Call-Options`, …). */
const SFORCE_PREFIX = 'sforce-'

const forbidden: ReadonlySet<string> = new Set([...HOP_BY_HOP, ...Object.keys(never)])
const forwarded: ReadonlySet<string> = new Set(Object.keys(plain))

/** Also with `_` for `-`: behind CGI and its like both are one variable (RFC 3875 §4.1.18), and which of two headers counts is anybody's guess. */
function isForbidden(name: string): boolean {
  return forbidden.has(name) || name.startsWith('x-forwarded-') || (name.includes('_') && isForbidden(name.replaceAll('_', '-')))
}

/** What may go with a redirect to another host: how to read the answer, nothing about who asks or at whose account. */
const toStrangers: ReadonlySet<string> = new Set([...forwarded].filter((name) => !name.startsWith('content-')))

export interface HeaderSources {
  door: Door
  caller: IncomingHttpHeaders
  /** From the auth mode, with the fixed headers of the catalogue entry. Of these a caller can replace all but those that are never forwarded. */
  applied: Readonly<Record<string, string>>
  /** The caller cannot decompress, or asked for plain bytes. */
  identity?: boolean | undefined
}

/** Name, value, name, value …, names in lower case; the framing headers are left to whoever writes the body. */
export function requestHeaders({ door, caller, applied, identity }: HeaderSources): string[] {
  const chosen: Record<string, string> = { __proto__: null } as never
  for (const name in applied) chosen[name] = applied[name]!
  if (door === 'proxy') addProxyHeaders(chosen, caller)
  else addAllHeaders(chosen, caller)
  const { authorization } = applied
  if (caller['x-sfdc-session'] !== undefined && authorization !== undefined) chosen['x-sfdc-session'] = authorization.replace(/^\S+ /, '')
  if (identity === true || chosen['accept-encoding'] === undefined) chosen['accept-encoding'] = 'identity'
  chosen['user-agent'] ??= PRODUCT
  const list: string[] = []
  for (const name in chosen) list.push(name, chosen[name]!)
  return list
}

function addProxyHeaders(chosen: Record<string, string>, caller: IncomingHttpHeaders): void {
  const named = namedByConnection(caller.connection)
  for (const name in caller) {
    const prefixed = name.startsWith(OWN_PREFIX)
    if (!prefixed && !forwarded.has(name) && !name.startsWith(SFORCE_PREFIX)) continue
    const inner = prefixed ? name.slice(OWN_PREFIX.length) : name
    if (inner === '' || isForbidden(inner) || named?.has(name) === true) continue
    // The prefixed form is the one that was meant for the provider; Node's clients add a Content-Type of their own accord.
    if (!prefixed && caller[OWN_PREFIX + name] !== undefined) continue
    chosen[inner] = textOf(caller[name])
  }
}

function addAllHeaders(chosen: Record<string, string>, caller: IncomingHttpHeaders): void {
  const named = namedByConnection(caller.connection)
  for (const name in caller) {
    if (isForbidden(name) || name.startsWith(OWN_PREFIX) || named?.has(name) === true) continue
    chosen[name] = textOf(caller[name])
  }
}

function textOf(value: string | string[] | undefined): string {
  return typeof value === 'string' ? value : (value ?? []).join(', ')
}

/** For a redirect that leaves the origin. With `all`, what the caller sent itself goes along too; credentials never do. */
export function headersForStrangers(door: Door, caller: IncomingHttpHeaders, all: boolean): string[] {
  const list = requestHeaders({ door, caller, applied: {} })
  if (all) return list
  const kept: string[] = []
  for (let at = 0; at < list.length; at += 2) {
    if (toStrangers.has(list[at]!) || list[at] === 'user-agent') kept.push(list[at]!, list[at + 1]!)
  }
  return kept
}
