import { errors } from '@hawser/api/errors.ts'
import { mostSpecificRow } from '@hawser/salesforce/errors/error-row.ts'
import { guideRowById } from '@hawser/salesforce/errors/guide-rows.ts'
import { LONGEST_TEXT } from '@hawser/salesforce/errors/pasted/spellings.ts'
import { diagnosePastedText, readPastedErrors, type RecognisedAs } from '@hawser/salesforce/errors/pasted/diagnose-pasted-text.ts'
import { toDiagnosis, type Diagnosis, type ProviderFamily } from './diagnose.ts'
import { genericOauthErrors } from './generic-oauth-errors.ts'
import { explainHawserCode, isHawserCode } from './hawser-errors.ts'

export type Explanation =
  | { known: true; recognisedAs: RecognisedAs | 'hawser_error'; diagnosis: Diagnosis }
  | { known: false; recognisedAs: null; diagnosis: null }

const UNKNOWN: Explanation = { known: false, recognisedAs: null, diagnosis: null }

/**
 * What the text says that somebody copied out of a browser, a log, a terminal or one of our answers. Pure; nothing of the text comes back but hosts,
 * yes and no, and codes of our tables. `family`: whose text it is, where that is known. Unknown rather than guessed.
 */
export function explainText(text: string, family?: ProviderFamily): Explanation {
  const ours = hawserErrorIn(text)
  if (ours) return { known: true, recognisedAs: 'hawser_error', diagnosis: ours }
  if (family === 'generic') return byStandardCode(text, true)
  const found = diagnosePastedText(text, { fromSalesforce: family === 'salesforce' })
  if (found) {
    const { row, as, evidence } = found
    return { known: true, recognisedAs: as, diagnosis: toDiagnosis(row, evidence) }
  }
  return byStandardCode(text, false)
}

/**
 * Codes of RFC 6749 mean the same at every provider, but only for themselves: with a description that we do not know, the true cause is in the
 * description. `ofKnownIntegration`: somebody said which provider it is, so that the code is worth explaining all the same.
 */
function byStandardCode(text: string, ofKnownIntegration: boolean): Explanation {
  const { named, surroundings } = readPastedErrors(text)
  if (surroundings.isForeign && !ofKnownIntegration) return UNKNOWN
  for (const { error, bare, from } of named) {
    if (!bare && !ofKnownIntegration) continue
    const row = mostSpecificRow(genericOauthErrors, { error })
    if (!row) continue
    const recognisedAs = from === 'address' ? 'address' : from === 'json' ? 'token_answer' : 'page_text'
    return { known: true, recognisedAs, diagnosis: toDiagnosis(row, { error: error.toLowerCase(), said_by: 'error' }) }
  }
  return UNKNOWN
}

/** Codes that nobody else uses; the others count only beside our own sentence, since `{"error":{"code","message"}}` is a common form. */
const OWN_CODE =
  /provider_config|connect_session|refresh_|base_url_override|upstream_|secret_key_format|^(?:unknown|invalid)_connection$|vault_frozen|credentials_unavailable|missing_api_url|url_param_err|state_cookie_err|egress_refused|instance_url_refused|integration_/

function hawserErrorIn(text: string): Diagnosis | undefined {
  for (const { code, message, diagnosis } of errorBodiesIn(text.slice(0, LONGEST_TEXT))) {
    const named = typeof diagnosis === 'object' && diagnosis !== null ? (diagnosis as Record<string, unknown>)['code'] : undefined
    const row = typeof named === 'string' ? guideRowById(named) : undefined
    // Our own finding is told again from the table: what was pasted may have been changed.
    if (row) return toDiagnosis(row, { error: row.id, said_by: 'diagnosis' })
    if (typeof code !== 'string' || !isHawserCode(code)) continue
    if (OWN_CODE.test(code) || message === errors[code][1]) return explainHawserCode(code)
  }
  return undefined
}

/** `{"error":{…}}` of the API, `[{"errorCode","message"}]` of the gateway, a connect session's result, a diagnosis by itself. */
function errorBodiesIn(text: string): { code?: unknown; message?: unknown; diagnosis?: unknown }[] {
  const bodies: { code?: unknown; message?: unknown; diagnosis?: unknown }[] = []
  for (const value of jsonIn(text)) {
    for (const item of Array.isArray(value) ? value.slice(0, 10) : [value]) {
      if (typeof item !== 'object' || item === null) continue
      const { error, errorCode, message, diagnosis, error_type: errorType, error_desc: errorDesc } = item as Record<string, unknown>
      if (typeof error === 'object' && error !== null) bodies.push(error as { code?: unknown })
      if (errorCode !== undefined) bodies.push({ code: errorCode, message })
      if (diagnosis !== undefined || errorType !== undefined) bodies.push({ code: errorType, message: errorDesc, diagnosis })
      if ('end_user_text' in item) bodies.push({ diagnosis: item })
    }
  }
  return bodies
}

function jsonIn(text: string): unknown[] {
  const values: unknown[] = []
  for (const [open, close] of [
    ['{', '}'],
    ['[', ']'],
  ] as const) {
    const [start, end] = [text.indexOf(open), text.lastIndexOf(close)]
    if (start < 0 || end <= start) continue
    try {
      values.push(JSON.parse(text.slice(start, end + 1)))
    } catch {
      // Not JSON after all.
    }
  }
  return values
}
