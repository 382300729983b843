import type { ErrorRow, Observed, Tell } from '../error-row.ts'
import { bestMatch } from '../error-row.ts'
import { allErrorRows } from '../find-diagnosis.ts'
import { classifyHost } from '../../hosts.ts'
import type { Evidence } from './address-facts.ts'
import { factsOf, hostOf } from './address-facts.ts'
import { deployRow, isDeployResult } from './deploy-result.ts'
import type { SearchedText } from './find-tells.ts'
import { isTold, rowToldBy, searchedText } from './find-tells.ts'
import type { NamedError } from './named-errors.ts'
import { errorsInAddresses, errorsInJson, errorsInLines } from './named-errors.ts'
import { restAnswerIn } from './rest-answers.ts'
import { spellingsOf } from './spellings.ts'
import type { Surroundings } from './surroundings.ts'
import { surroundingsOf } from './surroundings.ts'

export type RecognisedAs = 'address' | 'token_answer' | 'rest_answer' | 'page_text' | 'deploy_result'

export type Recognised = { row: ErrorRow; as: RecognisedAs; evidence: Evidence }

export type PasteOptions = {
  /** The text is known to come from Salesforce: codes that all OAuth servers share are then read as Salesforce’s. */
  fromSalesforce?: boolean
  rows?: readonly ErrorRow[]
}

/** Codes of OAuth that our tables do not have, and that still may stand in an answer. */
const MORE_CODES = ['unauthorized_client', 'interaction_required', 'login_required', 'consent_required', 'account_selection_required']

/** OAuth codes that the text names as errors, in the order in which they are to be believed. */
export type PastedErrors = { named: NamedError[]; surroundings: Surroundings }

export function readPastedErrors(text: string): PastedErrors {
  const { readings, visible } = spellingsOf(text)
  const codes = [...new Set([...allErrorRows.flatMap((row) => row.match.flatMap(({ error }) => error ?? [])), ...MORE_CODES])]
  const named = [...readings.flatMap(errorsInAddresses), ...readings.flatMap(errorsInJson), ...errorsInLines(visible, codes)]
  return { named, surroundings: surroundingsOf(readings.join('\n')) }
}

/**
 * What a person copied out of the browser, a log or a terminal: an address, the text or HTML of a page, JSON, the output of the CLI. The text is only
 * searched; of it come back hosts, yes and no, and codes of our own table. Never guesses: a code that every OAuth server uses counts only where the
 * text shows that Salesforce said it, a common phrase only beside a code. `undefined` when nothing certain is in it.
 */
export function diagnosePastedText(
  text: string,
  { fromSalesforce = false, rows = allErrorRows }: PasteOptions = {},
): Recognised | undefined {
  const { readings, visible } = spellingsOf(text)
  const { named, surroundings } = readPastedErrors(text)
  const context: Context = {
    rows,
    searched: searchedText(visible),
    // Also a sign-in to Salesforce can fail at somebody else's page: single sign-on leads there.
    isSalesforce: (fromSalesforce && !surroundings.isForeign) || (surroundings.isSalesforce && !surroundings.hasOtherHosts),
    isForeign: surroundings.isForeign && surroundings.salesforceHost === undefined,
  }
  // A code with a description of its own has been judged with it; the code alone must not count for more.
  const judged = new Set(named.flatMap(({ error, description }) => (description === undefined ? [] : [error.toLowerCase()])))
  const { salesforceHost } = surroundings
  const host: Evidence = salesforceHost === undefined ? {} : { host: salesforceHost, host_kind: classifyHost(salesforceHost).kind }
  const found =
    byNamedError(named, context, true) ??
    byDeploy(rows, visible) ??
    byRestAnswer(readings, context) ??
    byTell(context, isSentence) ??
    byNamedError(named, context, false) ??
    byTell(context, (tell) => isSentence(tell) || !judged.has(tell as string)) ??
    byCodeAlone(text, context) ??
    byStatus(readings[0] ?? '', context) ??
    byAddressAlone(readings[0] ?? '', rows)
  return found && { ...found, evidence: 'host' in found.evidence ? found.evidence : { ...host, ...found.evidence } }
}

type Context = { rows: readonly ErrorRow[]; searched: SearchedText; isSalesforce: boolean; isForeign: boolean }

function byNamedError(named: readonly NamedError[], context: Context, byText: boolean): Recognised | undefined {
  for (const one of named) {
    const observed: Observed = { error: one.error, description: one.description }
    // A code by itself is what people see in the browser; with its description it is mostly copied out of a log.
    const order = one.from === 'address' || one.bare ? (['page', 'token'] as const) : (['token', 'page'] as const)
    for (const place of order) {
      const rows = context.rows.filter(({ where }) => (place === 'token' ? where === 'token' : where === 'authorize' || where === 'page'))
      const match = bestMatch(rows, observed)
      if (match === undefined) continue
      const certain = byText
        ? saysItself(match.row, one, context)
        : (one.description === undefined && isOwnCode(match.row, one.error, context)) || saidBySalesforce(one, context)
      if (!certain || (context.isForeign && !byText)) continue
      const as = one.from === 'address' ? 'address' : one.from === 'json' ? 'token_answer' : 'page_text'
      return { row: match.row, as, evidence: evidenceOf(one, byText) }
    }
  }
  return undefined
}

/** The description is one that only Salesforce writes, or exactly the one of the table. */
function saysItself(row: ErrorRow, { error, description }: NamedError, context: Context): boolean {
  if (description === undefined) return false
  const said = searchedText(description)
  const around = searchedText(`${error} ${context.searched.exact}`)
  const words = description.trim().replace(/\.$/, '')
  const isSaid = (tell: Tell) => isSentence(tell) && isTold(tell, said, around) && (typeof tell === 'string' || tell.text === words)
  if (tellsOfCode(row, error, context).some(isSaid)) return true
  return row.match.some((match) => match.description === words && (match.error === undefined || match.error === error))
}

function isOwnCode(row: ErrorRow, error: string, context: Context): boolean {
  return tellsOfCode(row, error, context).includes(error)
}

function isSentence(tell: Tell): boolean {
  return (typeof tell === 'string' ? tell : tell.text).includes(' ')
}

/** The tables of sign-in and token endpoint share codes; what proves a code in one proves it in the other. */
function tellsOfCode(row: ErrorRow, error: string, { rows }: Context): Tell[] {
  const speakers = rows.filter((one) => one === row || one.match.some((match) => match.error === error))
  return speakers.flatMap(({ tells = [] }) => tells)
}

function saidBySalesforce({ address }: NamedError, { isSalesforce }: Context): boolean {
  const host = address === undefined ? undefined : hostOf(address)
  // A callback can be anybody's: there the address proves nothing, but the text around it may.
  return isSalesforce || (host !== undefined && classifyHost(host).kind !== 'foreign')
}

function evidenceOf(one: NamedError, byText: boolean): Evidence {
  return {
    ...(one.address === undefined ? {} : factsOf(one.address)),
    ...(/^\w{1,60}$/.test(one.error) ? { error: one.error } : {}),
    said_by: byText ? 'error_description' : 'error',
  }
}

function byDeploy(rows: readonly ErrorRow[], visible: string): Recognised | undefined {
  const found = isDeployResult(visible) ? deployRow(rows, visible.replace(/[^\S\n]+/g, ' ')) : undefined
  return found && { ...found, as: 'deploy_result' }
}

function byRestAnswer(readings: readonly string[], context: Context): Recognised | undefined {
  const rows = context.rows.filter(({ where }) => where === 'rest')
  const whole = wholeAnswer(readings[0]?.trim() ?? '', rows)
  if (whole) return { row: whole, as: 'rest_answer', evidence: { said_by: 'text' } }
  for (const reading of readings) {
    const { errors, ownForm } = restAnswerIn(reading)
    for (const { errorCode, message } of errors) {
      const match = bestMatch(rows, { errorCode, description: message })
      if (match === undefined) continue
      const tells = match.row.tells ?? []
      const certain = ownForm || context.isSalesforce || (!context.isForeign && tells.some((tell) => tell === errorCode))
      if (!certain) continue
      const said = { ...(errorCode !== undefined && /^\w{1,80}$/.test(errorCode) ? { error: errorCode } : {}) }
      return { row: match.row, as: 'rest_answer', evidence: { ...said, said_by: match.byText ? 'message' : 'errorCode' } }
    }
  }
  return undefined
}

/** Answers that are not JSON objects: one word of the identity service, and the list of records that share an external id. */
function wholeAnswer(text: string, rows: readonly ErrorRow[]): ErrorRow | undefined {
  if (/^\[\s*"\/services\/data\/v[\d.]{2,6}\/sobjects\/\w{1,80}\/\w{15,18}"\s*,/.test(text))
    return rows.find(({ match }) => match.some(({ status }) => status === 300))
  return text.length < 40 ? rows.find(({ match }) => match.some(({ body }) => body === text)) : undefined
}

function byTell({ rows, searched, isForeign }: Context, counts: (tell: Tell) => boolean): Recognised | undefined {
  // Where another provider speaks, only whole sentences of Salesforce count.
  const told = rowToldBy(rows, searched, counts)
  if (told === undefined || (isForeign && told.tell.split(' ').length < 3)) return undefined
  const as = told.row.where === 'deploy' ? 'deploy_result' : 'page_text'
  return { row: told.row, as, evidence: { said_by: 'text', found: told.tell } }
}

/** Codes that mean too much elsewhere to be looked up without anything around them; those of RFC 6749 are explained in general, by the caller. */
const TOO_COMMON =
  /^(?:NOT_FOUND|METHOD_NOT_ALLOWED|BAD_GATEWAY|UNKNOWN_EXCEPTION|SERVER_UNAVAILABLE|UNSUPPORTED_MEDIA_TYPE|unknown_error|server_error|temporarily_unavailable|access_denied|authorization_pending|slow_down|expired_token|rate_limit_exceeded|invalid_(?:grant|client|request|scope|token)|unsupported_\w+)$/

/** Nothing but a code of the table: somebody looks it up. */
function byCodeAlone(text: string, { rows, isForeign }: Context): Recognised | undefined {
  const code = /^[\s"'`]{0,5}([A-Za-z]\w{5,60})[\s"'`.]{0,5}$/.exec(text)?.[1]
  if (code === undefined || isForeign || TOO_COMMON.test(code)) return undefined
  const row = rows.find(({ match }) => match.some((one) => (one.error ?? one.errorCode) === code))
  return row && { row, as: 'page_text', evidence: { error: code, said_by: 'error' } }
}

/** `HTTP/1.1 414`, `"status": 420`, beside an address of Salesforce. */
function byStatus(text: string, { rows, isSalesforce }: Context): Recognised | undefined {
  if (!isSalesforce) return undefined
  const match = /\bHTTP\/[\d.]{1,3}["']?\s+([345]\d\d)\b|\bstatus(?:[ _-]?code)?["']?\s*[:=]?\s*([345]\d\d)\b/i.exec(text)
  const status = Number(match?.[1] ?? match?.[2])
  if (!status) return undefined
  const place = /\/services\/oauth2\/(?:token|revoke)/i.test(text) ? 'token' : 'rest'
  // Only rows that know the status itself: 401 and 404 alone have too many causes.
  const found = bestMatch(
    rows.filter((row) => row.where === place),
    { status },
  )
  return found && { row: found.row, as: place === 'token' ? 'token_answer' : 'rest_answer', evidence: { status, said_by: 'status' } }
}

/** An address without an error that cannot work: API paths on hosts that have no API. */
function byAddressAlone(text: string, rows: readonly ErrorRow[]): Recognised | undefined {
  const pasted = /(?:https?:\/\/|(?<![\w./@-])(?=[\w.-]{1,250}\.(?:force|salesforce|salesforce-setup|site)\.com\/))[^\s"'<>]{1,2000}/i.exec(
    text,
  )?.[0]
  const address = pasted === undefined || /^https?:/i.test(pasted) ? pasted : `https://${pasted}`
  const host = address === undefined ? undefined : hostOf(address)
  const path = address === undefined ? '' : address.replace(/^https?:\/\/[^/?#]*/i, '')
  if (address === undefined || host === undefined) return undefined
  const { kind } = classifyHost(host)
  const isApi = /^\/+services\/(?:data\/v\d|soap\/|apexrest\/|async\/)/i.test(path)
  const isInterface = kind === 'lightning' || kind === 'setup' || (kind === 'experience' && isApi)
  const id =
    isInterface && (isApi || /^\/+services\/oauth2\//i.test(path))
      ? 'interface-host-as-api'
      : isApi && (kind === 'generic-login' || kind === 'generic-test')
        ? 'url-not-reset'
        : undefined
  const row = rows.find((one) => one.id === id)
  return row && { row, as: 'address', evidence: { host, host_kind: kind, said_by: 'address' } }
}
