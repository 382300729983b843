/** Headers that hold no secret by what they are for. Any other is not kept, however harmless it may look. */
import type { IncomingHttpHeaders } from 'node:http'
import { redactText } from '#telemetry/redact.ts'

const KEPT: ReadonlySet<string> = new Set([
  ...['accept', 'accept-encoding', 'accept-language', 'allow', 'cache-control', 'content-encoding', 'content-language', 'content-length'],
  ...['content-range', 'content-type', 'date', 'expires', 'if-modified-since', 'if-unmodified-since', 'last-modified', 'range'],
  ...['retry-after', 'server', 'transfer-encoding', 'user-agent', 'vary', 'www-authenticate'],
  // Salesforce, and what most providers call their limits and their request's id.
  ...['sforce-call-options', 'sforce-limit-info', 'sforce-query-options', 'sforce-auto-assign', 'x-sfdc-request-id'],
  ...['x-request-id', 'x-correlation-id', 'x-github-request-id', 'ratelimit-limit', 'ratelimit-remaining', 'ratelimit-reset'],
  ...['x-ratelimit-limit', 'x-ratelimit-remaining', 'x-ratelimit-reset'],
])
const LONGEST_VALUE = 300

export function keptHeaders(headers: IncomingHttpHeaders | undefined): Record<string, string> | undefined {
  if (headers === undefined) return undefined
  const kept: Record<string, string> = {}
  for (const name in headers) {
    const value = headers[name]
    if (typeof value === 'string' && KEPT.has(name)) kept[name] = redactText(value.slice(0, LONGEST_VALUE))
  }
  return kept
}
