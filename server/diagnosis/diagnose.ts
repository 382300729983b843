import { diagnoseAuthorizeError, diagnoseRestError, diagnoseTokenError } from '@hawser/salesforce/errors/find-diagnosis.ts'
import { guideAddressOf } from '@hawser/salesforce/errors/guide-rows.ts'
import { mostSpecificRow } from '@hawser/salesforce/errors/error-row.ts'
import type { Actor, Confidence, ErrorClass, ErrorRow } from '@hawser/salesforce/errors/error-row.ts'
import { genericOauthErrors } from './generic-oauth-errors.ts'
import { genericUpstreamErrors } from './generic-upstream-errors.ts'
import { networkFailures, unknownCode, unreadableAnswer } from './plain-failures.ts'
import type { NetworkFailure } from './plain-failures.ts'

/** What is known of a failure, in the form in which API, events and dashboard show it. Holds fixed texts only, nothing of the answer itself. */
export type Diagnosis = {
  /** Stable, kebab-case: the row of our tables. */
  code: string
  class: ErrorClass
  /** Who can end it. */
  actor: Actor
  /** Goes away by itself. */
  transient: boolean
  title: string
  cause: string
  /** Steps for the engineer, in their order. */
  fix: string[]
  /** For that engineer’s users, in plain text. */
  end_user_text: string
  confidence: Confidence
  source: string
  /** Page that says more, as a path of this server. */
  docs: string | null
  /** What was seen: ids, hosts, statuses. Never a secret, never text of a provider's answer. */
  evidence: Record<string, string | number | boolean>
}

export type ProviderFamily = 'salesforce' | 'generic'

export type TokenFailure = {
  status?: number | undefined
  error?: string | undefined
  error_description?: string | undefined
  /** Set when no answer came: then nothing but it counts. */
  network?: NetworkFailure | undefined
  bodyKind: 'json' | 'html' | 'empty' | 'garbage'
  /** The first part of a body that was not JSON; only searched, never quoted. */
  bodyText?: string | undefined
}

export type TokenFailureClass = {
  /** Goes away by itself: cool down, keep the tokens, try again. */
  transient: boolean
  /** False when the request may have been carried out, so that the refresh token that was sent may be used up. */
  outcomeKnown: boolean
  /** The connection cannot work until somebody acts. `diagnosis.class` says who: `reconnect` the end user, `config` the integration's owner. */
  breaks: boolean
  diagnosis: Diagnosis
}

/**
 * Judges a failed refresh. Neither `transient` nor `breaks`: the grant lives as far as is known, but an administrator of the customer (inactive user,
 * IP ranges) or a programmer must act first; keep the connection and stop trying by itself. An outage (5xx, 429, no answer, no JSON) never breaks.
 */
export function classifyTokenFailure(family: ProviderFamily, failure: TokenFailure): TokenFailureClass {
  const row = tokenRow(family, failure)
  const transient = isOutage(failure) || row.class === 'transient' || row.class === 'limit'
  return { transient, outcomeKnown: outcomeIsKnown(failure), breaks: !transient && row.permanent === true, diagnosis: told(family, row) }
}

export function diagnoseTokenFailure(family: ProviderFamily, failure: TokenFailure): Diagnosis {
  return told(family, tokenRow(family, failure))
}

export type AuthorizeFailure = { error?: string | undefined; error_description?: string | undefined }

/** For the error that a provider sends back to the callback. */
export function diagnoseAuthorizeFailure(family: ProviderFamily, failure: AuthorizeFailure): Diagnosis {
  const ofSalesforce = family === 'salesforce' ? diagnoseAuthorizeError(failure) : undefined
  return told(family, ofSalesforce ?? genericRow(failure.error, undefined) ?? unknownCode)
}

export type UpstreamFailure = { status: number; contentType?: string | undefined; body: string }

/** For a proxied call that the provider refused; `undefined` when nothing more is known than the status says. */
export function diagnoseUpstreamFailure(family: ProviderFamily, failure: UpstreamFailure): Diagnosis | undefined {
  const row = family === 'salesforce' ? diagnoseRestError(failure) : mostSpecificRow(genericUpstreamErrors, { status: failure.status })
  return row && told(family, row)
}

const ACTORS: Record<ErrorClass, Actor> = {
  transient: 'provider',
  limit: 'developer',
  config: 'developer',
  reconnect: 'end_user',
  customer_admin: 'customer_admin',
  user: 'end_user',
  bug: 'developer',
}

/** `docs` is set for the rows that the guide to Salesforce's errors has. */
export function toDiagnosis(row: Omit<ErrorRow, 'match'>, evidence: Diagnosis['evidence'] = {}): Diagnosis {
  const { id, title, cause, fix, confidence, source } = row
  return {
    ...{ code: id, class: row.class, actor: row.actor ?? ACTORS[row.class], transient: row.class === 'transient' || row.class === 'limit' },
    ...{ title, cause, fix: [...fix], end_user_text: row.endUserText, confidence, source, docs: guideAddressOf(id), evidence },
  }
}

/** For a call that got no answer, or none that could be read (`other`). `evidence`: such as the host. */
export function diagnoseNoAnswer(
  family: ProviderFamily,
  network: NetworkFailure | 'other',
  evidence: Diagnosis['evidence'] = {},
): Diagnosis {
  return { ...told(family, network === 'other' ? unreadableAnswer : networkFailures[network]), evidence }
}

/** What any provider can end, Salesforce ends where it is the provider. */
function told(family: ProviderFamily, row: Omit<ErrorRow, 'match'>): Diagnosis {
  const diagnosis = toDiagnosis(row)
  return family === 'salesforce' && diagnosis.actor === 'provider' ? { ...diagnosis, actor: 'salesforce' } : diagnosis
}

function tokenRow(family: ProviderFamily, failure: TokenFailure): Omit<ErrorRow, 'match'> {
  if (failure.network) return networkFailures[failure.network]
  const { bodyKind, bodyText } = failure
  // Rare 5xx (501, 520 of a proxy) are told like 500.
  const status = failure.status !== undefined && failure.status >= 500 ? 500 : failure.status
  // Codes count only in an answer of the protocol: a firewall's page may contain any word.
  const answer = bodyKind === 'json' && !isOutage(failure) ? { error: failure.error, error_description: failure.error_description } : {}
  const ofSalesforce = family === 'salesforce' ? diagnoseTokenError({ status, ...answer, bodyText }) : undefined
  return ofSalesforce ?? genericRow(answer.error, status) ?? (bodyKind === 'json' ? unknownCode : unreadableAnswer)
}

function genericRow(error: string | undefined, status: number | undefined): ErrorRow | undefined {
  return mostSpecificRow(genericOauthErrors, { error, status })
}

function isOutage({ network, status, bodyKind }: TokenFailure): boolean {
  return network !== undefined || bodyKind !== 'json' || (status !== undefined && (status >= 500 || status === 429))
}

// Refused, DNS and TLS fail before the request is sent; 4xx, 429 and 503 say that it was not carried out. 408 does not say how much was read.
function outcomeIsKnown({ network, status }: TokenFailure): boolean {
  if (network !== undefined) return network === 'refused' || network === 'dns' || network === 'tls'
  if (status === undefined) return false
  return status === 503 || (status >= 400 && status < 500 && status !== 408)
}
