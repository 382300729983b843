import type { Diagnosis, ErrorCode, FieldError } from './types.ts'

/** Codes that come from here, not from the server. */
export type ClientErrorCode =
  /** No answer: the network, or a wrong host. */
  | 'network_error'
  /** No complete answer within `timeoutMs`. */
  | 'timeout'
  /** The answer is not Hawser's: something else listens there, or a gateway stands between. */
  | 'unexpected_answer'
  /** A proxied call reached the provider, which answered with `status`; `data` holds its body. */
  | 'provider_error'

export interface HawserErrorDetails {
  /** HTTP status; 0 where there was no answer. */
  status: number
  diagnosis?: Diagnosis | undefined
  errors?: FieldError[] | undefined
  payload?: unknown
  /** Seconds. */
  retryAfter?: number | undefined
  headers?: Headers | undefined
  data?: unknown
  cause?: unknown
}

/** Every failure of this client, save your own abort signal's. Switch over `code`. */
export class HawserError extends Error {
  override readonly name = 'HawserError'
  readonly code: ErrorCode | ClientErrorCode
  readonly status: number
  /** What went wrong at the provider, why, and what to do. */
  readonly diagnosis: Diagnosis | undefined
  /** Each field that was refused. */
  readonly errors: FieldError[]
  readonly payload: unknown
  /** Seconds to wait before the next attempt, if the answer said so. */
  readonly retryAfter: number | undefined
  /** Of the answer. */
  readonly headers: Headers | undefined
  /** The answer's body, where it was the provider's. */
  readonly data: unknown

  constructor(code: ErrorCode | ClientErrorCode, message: string, details: HawserErrorDetails) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause })
    this.code = code
    this.status = details.status
    this.diagnosis = details.diagnosis
    this.errors = details.errors ?? []
    this.payload = details.payload
    this.retryAfter = details.retryAfter
    this.headers = details.headers
    this.data = details.data
  }
}
