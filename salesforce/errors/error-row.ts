/**
 * `transient`: goes away by itself. `limit`: goes away when a window ends. `config`: our customer's app registration or settings.
 * `reconnect`: a user must authorize again. `customer_admin`: an administrator of the Salesforce org must act; the grant may still live.
 * `user`: the person in the browser can do it differently. `bug`: the caller's or our own request is wrong.
 */
export type ErrorClass = 'transient' | 'config' | 'reconnect' | 'customer_admin' | 'user' | 'bug' | 'limit'

/**
 * `V` verified against a named source, `V-obs` somebody's observation of a live org, `M` commonly known, `?` unknown or contradictory.
 * The `?` and `M` rows are listed in docs/salesforce-unverified.md.
 */
export type Confidence = 'V' | 'V-obs' | 'M' | '?'

/**
 * All given parts must fit. `error` and `errorCode` are compared as a whole (an `errorCode` that ends in `_` as a prefix), `description` and
 * `body` as substrings; none minds the case.
 */
export type ErrorMatch = {
  error?: string
  description?: string
  errorCode?: string
  status?: number
  body?: string
}

/** Who can end the trouble. `provider` where it is not Salesforce’s, `hawser` for this server and whoever runs it. */
export type Actor = 'developer' | 'customer_admin' | 'end_user' | 'salesforce' | 'provider' | 'hawser'

/** Where an error is met: `setup` on Salesforce's setup pages, `deploy` in a deploy result, `check` in a check of this server. */
export type Place = 'authorize' | 'page' | 'token' | 'rest' | 'deploy' | 'setup' | 'check'

/** A text, or a text that counts only when one of `near` stands in what was pasted as well. */
export type Tell = string | { text: string; near: readonly [string, ...string[]] }

/**
 * One known error of Salesforce. `fix`: what to do, step by step, for the engineer who runs the integration; `endUserText` is for that engineer’s
 * users, in plain text.
 */
export type ErrorRow = {
  /** Stable, kebab-case; appears in events and links. */
  id: string
  where: Place
  /** Any of them. */
  match: readonly [ErrorMatch, ...ErrorMatch[]]
  class: ErrorClass
  title: string
  cause: string
  fix: readonly [string, ...string[]]
  /** Unless given, it follows from `class`. */
  actor?: Actor
  endUserText: string
  /**
   * Codes and sentences that nobody else writes: found in a pasted text they are enough, without an address or JSON around them. A phrase that other
   * products or plain prose may contain must not be here: a wrong cause is worse than none.
   */
  tells?: readonly Tell[]
  /** A new access token may cure it: refresh once and send again. */
  refreshable?: boolean
  /** Asking again with the same grant and settings cannot succeed: the connection is broken until somebody acts. */
  permanent?: boolean
  confidence: Confidence
  source: string
}

/** What is known of one failure, in the words of the wire. */
export type Observed = {
  error?: string | undefined
  description?: string | undefined
  errorCode?: string | undefined
  status?: number | undefined
  body?: string | undefined
}

/** The row with the most specific fitting match: more parts beat fewer, then the longer text beats the shorter; ties go to the earlier row. */
export function mostSpecificRow(rows: readonly ErrorRow[], observed: Observed): ErrorRow | undefined {
  return bestMatch(rows, observed)?.row
}

/** `byText`: the description or the body fitted, and not only a code or a status. */
export function bestMatch(rows: readonly ErrorRow[], observed: Observed): { row: ErrorRow; byText: boolean } | undefined {
  let best: { row: ErrorRow; weight: number } | undefined
  for (const row of rows) {
    for (const match of row.match) {
      if (!fits(match, observed)) continue
      const weight = weightOf(match)
      if (best === undefined || weight > best.weight) best = { row, weight }
    }
  }
  return best && { row: best.row, byText: best.weight >= TEXT_WEIGHT }
}

const TEXT_WEIGHT = 1000

function fits(match: ErrorMatch, observed: Observed): boolean {
  return (
    (match.error === undefined || match.error.toLowerCase() === observed.error?.toLowerCase()) &&
    (match.errorCode === undefined || isCode(observed.errorCode, match.errorCode)) &&
    (match.status === undefined || match.status === observed.status) &&
    (match.description === undefined || contains(observed.description, match.description)) &&
    (match.body === undefined || contains(observed.body, match.body))
  )
}

function isCode(code: string | undefined, wanted: string): boolean {
  if (code === undefined) return false
  const [a, b] = [code.toLowerCase(), wanted.toLowerCase()]
  return b.endsWith('_') ? a.startsWith(b) : a === b
}

function contains(text: string | undefined, part: string): boolean {
  return text !== undefined && text.toLowerCase().includes(part.toLowerCase())
}

// A text says more than a code, and a code more than a status.
function weightOf(match: ErrorMatch): number {
  const texts = (match.description?.length ?? 0) + (match.body?.length ?? 0)
  return (texts > 0 ? TEXT_WEIGHT + texts : 0) + (match.error || match.errorCode ? 300 : 0) + (match.status === undefined ? 0 : 100)
}
