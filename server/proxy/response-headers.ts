/** Which headers of a provider's answer reach the caller: all end-to-end ones, save those that would act on our own origin. */
import type { IncomingHttpHeaders } from 'node:http'
import { HOP_BY_HOP, namedByConnection } from './hop-by-hop.ts'

/** Each with the harm it would do, coming from our host name. */
const removed: Readonly<Record<string, string>> = {
  'set-cookie': 'A provider could set or overwrite cookies of our origin, the dashboard’s session among them.',
  'set-cookie2': 'As `Set-Cookie`, in its RFC 2965 form.',
  'strict-transport-security': 'Would decide for our host name, and with includeSubDomains for its neighbours, for years.',
  'public-key-pins': 'Would pin keys for our host name (RFC 7469).',
  'expect-ct': 'A policy for our host name (RFC 9163).',
  'alt-svc': 'Would send later calls, with their keys, to another server (RFC 7838).',
  'clear-site-data': 'Would log people out of our origin.',
  'service-worker-allowed': 'Would widen what a script served through us may intercept.',
  'access-control-allow-origin': 'Which pages may read through us is not the provider’s to say.',
  'access-control-allow-credentials': 'As above.',
  'access-control-allow-headers': 'As above.',
  'access-control-allow-methods': 'As above.',
  'access-control-expose-headers': 'As above.',
  'access-control-max-age': 'As above.',
  'access-control-allow-private-network': 'As above.',
  nel: 'Would report errors of our host to the provider.',
  'report-to': 'As `NEL`.',
  'reporting-endpoints': 'As `NEL`.',
  'content-security-policy': 'Replaced by ours, below.',
  'content-security-policy-report-only': 'Would report what browsers load from us.',
  'x-content-type-options': 'Replaced by ours, below.',
}

/** A page or script that a provider (or its user) serves must never run in our origin: decided by the browser, not by its content type. */
const added = ['content-security-policy', 'sandbox', 'x-content-type-options', 'nosniff']

const dropped: ReadonlySet<string> = new Set([...HOP_BY_HOP, ...Object.keys(removed)])

/**
 * Name, value, name, value …, as `writeHead` takes them.
 * @throws Error on more than one Content-Length: caller and provider could differ over where the answer ends (RFC 9112 §6.3).
 */
export function responseHeaders(headers: IncomingHttpHeaders): string[] {
  const named = namedByConnection(headers.connection)
  const kept = added.slice()
  for (const name in headers) {
    if (dropped.has(name) || named?.has(name) === true) continue
    const value = headers[name]
    if (typeof value === 'string') kept.push(name, value)
    else if (value !== undefined) {
      if (name === 'content-length') throw new Error('the answer has several Content-Length headers')
      for (const one of value) kept.push(name, one)
    }
  }
  return kept
}

/** Replaces one header's value in such a list, or removes it. */
export function replaceHeader(list: readonly string[], name: string, value: string | undefined): string[] {
  const kept: string[] = []
  for (let at = 0; at < list.length; at += 2) if (list[at] !== name) kept.push(list[at]!, list[at + 1]!)
  if (value !== undefined) kept.push(name, value)
  return kept
}
