import { authorizeErrors } from './authorize-errors.ts'
import { deployErrors } from './deploy-errors.ts'
import { deployRow } from './pasted/deploy-result.ts'
import { mostSpecificRow } from './error-row.ts'
import type { ErrorRow, Observed } from './error-row.ts'
import { hostMistakes } from './host-mistakes.ts'
import { pageErrors } from './page-errors.ts'
import { parseRestErrorBody } from './rest-error-body.ts'
import { restErrors } from './rest-errors.ts'
import { setupErrors } from './setup-errors.ts'
import { tokenErrors } from './token-errors.ts'

/** Every row of the doctor's table. */
export const allErrorRows: readonly ErrorRow[] = [
  ...authorizeErrors,
  ...pageErrors,
  ...tokenErrors,
  ...restErrors,
  ...deployErrors,
  ...setupErrors,
  ...hostMistakes,
]

export function errorRowById(id: string): ErrorRow | undefined {
  return allErrorRows.find((row) => row.id === id)
}

export type AuthorizeFailure = { error?: string | undefined; error_description?: string | undefined }

/** What came back to the callback, or stands in the address of Salesforce's error page. */
export function diagnoseAuthorizeError({ error, error_description: description }: AuthorizeFailure): ErrorRow | undefined {
  return mostSpecificRow([...authorizeErrors, ...pageErrors], { error, description })
}

export type TokenFailure = {
  status?: number | undefined
  error?: string | undefined
  error_description?: string | undefined
  /** The body as text when it was not JSON; only searched, never quoted. */
  bodyText?: string | undefined
}

/** The answer of the token or revocation endpoint. A 5xx never yields a row that breaks a connection, whatever its body says. */
export function diagnoseTokenError({ status, error, error_description: description, bodyText }: TokenFailure): ErrorRow | undefined {
  const observed = { status, error, description, body: bodyText }
  const outage = status !== undefined && status >= 500
  return mostSpecificRow(outage ? tokenErrors.filter((row) => row.permanent !== true) : tokenErrors, observed)
}

/** One problem of a deploy result (`problem` of a component failure), or what the CLI printed about it. */
export function diagnoseDeployError(problem: string): ErrorRow | undefined {
  return deployRow(deployErrors, problem)?.row
}

export type RestFailure = { status: number; contentType?: string | undefined; body: string }

/** A failed answer of the data, identity, SOAP or Bulk API. The first error in the body that is known counts. */
export function diagnoseRestError({ status, contentType, body }: RestFailure): ErrorRow | undefined {
  // A HEAD request gets no body; a 401 without one is taken for the usual expired session.
  if (status === 401 && body.trim() === '') return mostSpecificRow(restErrors, { status, errorCode: 'INVALID_SESSION_ID' })
  const text = body.slice(0, 64 * 1024)
  // A page of HTML may quote anything; only its status says something.
  const isPage = /\bhtml\b/i.test(contentType ?? '') && text.length > LONGEST_PLAIN_ERROR
  const errors = isPage ? [] : parseRestErrorBody(text)
  for (const { errorCode, message } of errors) {
    const row = mostSpecificRow(restErrors, { status, errorCode, description: message })
    if (row?.match.some((match) => match.errorCode !== undefined || match.description !== undefined)) return row
  }
  const observed: Observed = errors.length > 0 || isPage ? { status } : { status, body: text }
  return mostSpecificRow(restErrors, observed)
}

const LONGEST_PLAIN_ERROR = 512
const REFRESHABLE_STATUSES: readonly number[] = [400, 401, 403, 500]

/**
 * True when a fresh access token may cure the answer: 401 `INVALID_SESSION_ID`, 401 without a body (HEAD), 403 `Bad_OAuth_Token`,
 * a SOAP fault `INVALID_SESSION_ID` (500), Bulk 1's `InvalidSessionId` (400). False for 401s that a new token would only repeat.
 */
export function isRefreshableRestError(status: number, bodyText: string, contentType?: string): boolean {
  return REFRESHABLE_STATUSES.includes(status) && diagnoseRestError({ status, contentType, body: bodyText })?.refreshable === true
}
