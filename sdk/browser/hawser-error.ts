import type { Diagnosis } from './types.ts'

/** Codes that come from here. All others are the server's: docs/reference/errors.md. Those marked with * the stock client knows, too. */
export type ClientErrorCode =
  /** * No token of a connect session was given. */
  | 'missing_auth_token'
  /** * The same, said by `reconnect`. */
  | 'missing_connect_session_token'
  /** * `host` is no http(s) address. */
  | 'invalid_host_url'
  /** * The credentials that were given fit no way to sign in. */
  | 'missing_credentials'
  /** * No window could be opened. `fallback` says what works without one. */
  | 'blocked_by_browser'
  /** * The person closed the window. */
  | 'window_closed'
  /** The connect session is over, or unknown. Get a new one from your backend. */
  | 'session_expired'
  /** Nobody finished within `timeoutMs`. */
  | 'timed_out'
  /** The server could not be reached. */
  | 'network_error'
  /** What answered is not Hawser. */
  | 'unexpected_answer'
  /** The backend did not give the session a `return_url`. */
  | 'return_url_missing'
  /** `returnTo` is not the session's `return_url`. */
  | 'return_url_not_allowed'
  /** * Something else, e.g. your function that fetches the token threw: see `cause`. */
  | 'unknown_error'

export interface HawserErrorDetails {
  diagnosis?: Diagnosis | null | undefined
  fallback?: 'redirect'
  cause?: unknown
}

/** Every failure of this client, save your own abort signal's. Switch over `code`; `message` is for engineers. */
export class HawserError extends Error {
  override readonly name = 'HawserError'
  /** A `ClientErrorCode`, or one of the server's. */
  readonly code: ClientErrorCode | (string & {})
  /** The same as `code`, under the stock client's name. */
  readonly type: string
  /** What went wrong at the provider. `diagnosis.end_user_text` can be shown to the person as it is. */
  readonly diagnosis: Diagnosis | undefined
  /** What to do instead: `redirect(…)` needs no second window. */
  readonly fallback: 'redirect' | undefined

  constructor(code: ClientErrorCode | (string & {}), message: string, { diagnosis, fallback, cause }: HawserErrorDetails = {}) {
    super(message, cause === undefined ? undefined : { cause })
    this.code = code
    this.type = code
    this.diagnosis = diagnosis ?? undefined
    this.fallback = fallback
  }
}
