import { authorizeErrors } from './authorize-errors.ts'
import { mostSpecificRow } from './error-row.ts'
import type { ErrorRow, Observed } from './error-row.ts'
import { pageErrors } from './page-errors.ts'
import { readPastedText } from './pasted-text.ts'
import { parseRestErrorBody } from './rest-error-body.ts'
import { restErrors } from './rest-errors.ts'
import { tokenErrors } from './token-errors.ts'

/** Every row of the doctor's table. */
export const allErrorRows: readonly ErrorRow[] = [...authorizeErrors, ...pageErrors, ...tokenErrors, ...restErrors]

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

/**
 * What a person copied out of the browser or a log: the address or the text of an error page, a JSON answer. The text is only searched, never
 * returned. Tries what it names outright (parameters, JSON) first, then codes and sentences that stand anywhere in it.
 */
export function diagnosePastedText(text: string): ErrorRow | undefined {
  const { named, restErrors: listed, plain } = readPastedText(text)
  for (const { from, error, description: error_description } of named) {
    const asPage = diagnoseAuthorizeError({ error, error_description })
    const asAnswer = diagnoseTokenError({ error, error_description })
    const row = from === 'address' ? (asPage ?? asAnswer) : (asAnswer ?? asPage)
    if (row) return row
  }
  for (const { errorCode, message } of listed) {
    const row = mostSpecificRow(restErrors, { errorCode, description: message })
    if (row) return row
  }
  return rowMentionedIn(plain)
}

// The longest code or sentence of the table that stands in the text as a whole word.
function rowMentionedIn(text: string): ErrorRow | undefined {
  let best: { row: ErrorRow; length: number } | undefined
  for (const row of allErrorRows) {
    for (const { error, errorCode, description, body } of row.match) {
      for (const part of [description, body, error, errorCode]) {
        if (part !== undefined && part.length > (best?.length ?? 5) && mentions(text, part)) best = { row, length: part.length }
      }
    }
  }
  return best?.row
}

function mentions(text: string, part: string): boolean {
  const wanted = part.toLowerCase()
  for (let at = text.indexOf(wanted), tries = 0; at >= 0 && tries < 100; at = text.indexOf(wanted, at + 1), tries++) {
    if (!/\w/.test(text.charAt(at - 1)) && !/\w/.test(text.charAt(at + wanted.length))) return true
  }
  return false
}
