/** One answered request. Bodies and credentials are never kept. */
export interface LogEntry {
  /** Epoch ms of the fake's clock. */
  at: number
  method: string
  host: string
  /** Path and query; values of secret parameters are replaced by `[redacted]`. */
  path: string
  /** 0 when the connection was cut. */
  status: number
  endpoint: string
  /** What the bearer was: `own` opened this org, `foreign` belongs to another org, `unknown` was never or is no longer valid. */
  bearer: 'none' | 'own' | 'foreign' | 'unknown'
  headerNames: string[]
  /** The `sforce-*` and conditional headers, which carry no secret. */
  sforceHeaders: Record<string, string>
  bodyBytes: number
}

export interface RequestLog {
  entries: LogEntry[]
  /** Answers by endpoint, e.g. `token:refresh_token`, `authorize`, `query`. */
  counts: Record<string, number>
  clear(): void
  add(entry: LogEntry): void
}

/** Older entries fall out, so that a fake that runs for weeks does not grow. */
const KEPT = 5000

export function createRequestLog(): RequestLog {
  const log: RequestLog = {
    entries: [],
    counts: {},
    clear() {
      log.entries.length = 0
      log.counts = {}
    },
    add(entry) {
      log.entries.push(entry)
      if (log.entries.length > KEPT) log.entries.splice(0, log.entries.length - KEPT)
      log.counts[entry.endpoint] = (log.counts[entry.endpoint] ?? 0) + 1
    },
  }
  return log
}

const PUBLIC_PARAMETERS = new Set([
  'response_type',
  'redirect_uri',
  'scope',
  'prompt',
  'code_challenge_method',
  'display',
  'immediate',
  'format',
  'q',
  'columns',
  'maxRecords',
  'locator',
  'ids',
  'fields',
  'version',
  'error',
  'error_description',
  'allOrNone',
  'to',
])

/** The path with its query, where only parameters that are known to be harmless keep their value. */
export function redactedPath(path: string, query: URLSearchParams): string {
  const shown = [...query].map(([name, value]) => `${name}=${PUBLIC_PARAMETERS.has(name) ? encodeURIComponent(value) : '[redacted]'}`)
  return shown.length === 0 ? path : `${path}?${shown.join('&')}`
}
