import { errors, fail, type Failure } from '@hawser/api/errors.ts'
import { classifyTokenFailure, type Diagnosis } from '#diagnosis/diagnose.ts'
import type { TokenFailure } from '#oauth/token-response.ts'
import type { Provider } from '#providers/provider.ts'
import type { GrantFailure, StoredGrant } from './connection.ts'

/** What a failed token request means for its grant. */
export interface FailureVerdict {
  /** `unknown`: the provider may have acted on the request. */
  outcome: 'broken' | 'unknown' | 'not-happened'
  /** Passes by itself; else somebody has to act although the grant lives. */
  transient: boolean
  diagnosis: Diagnosis
  retryAfterS: number | undefined
}

export function verdictOf(provider: Provider, failure: TokenFailure): FailureVerdict {
  const { status, error, error_description, bodyKind, bodyText, sent } = failure
  // Where neither an answer nor a kind of network failure is known, what left the socket counts.
  const network = failure.network ?? (status === undefined ? (sent ? 'reset' : 'refused') : undefined)
  const judged = classifyTokenFailure(provider.family ?? 'generic', {
    ...{ status, error, error_description, network, bodyText },
    bodyKind: bodyKind === 'none' ? 'empty' : bodyKind,
  })
  const outcome = judged.breaks ? 'broken' : judged.outcomeKnown || !sent ? 'not-happened' : 'unknown'
  return { outcome, transient: judged.transient, diagnosis: judged.diagnosis, retryAfterS: failure.retryAfter }
}

/** After an attempt whose outcome nobody will ever know. */
export const interruptedRefresh: Diagnosis = {
  code: 'interrupted-refresh',
  class: 'reconnect',
  actor: 'end_user',
  transient: false,
  title: 'A refresh was interrupted and the refresh token no longer works',
  cause:
    'The answer to a refresh was lost (a crash, a cut connection, a gateway error). The provider may have replaced the refresh token; the one that is stored was tried once more, and failed.',
  fix: ['Send the customer a reconnect link.', 'If it happens often, look at the network between this server and the provider.'],
  end_user_text: 'The connection was interrupted. Please connect again.',
  confidence: 'V',
  source: 'our own record of the request',
  docs: null,
  evidence: {},
}

/** Before a request that would have hurt another connection. */
export const replacedToken: Diagnosis = {
  code: 'refresh-token-replaced',
  class: 'reconnect',
  actor: 'end_user',
  transient: false,
  title: 'The refresh token was replaced by another connection',
  cause:
    'This connection was brought in with a refresh token that another connection of the same integration held too, and has replaced since. It was not sent: most providers take the use of a replaced token for theft, and end the newer one with it.',
  fix: ['Use the other connection, or send the customer a reconnect link for this one.'],
  end_user_text: 'The connection has ended. Please connect again.',
  confidence: 'V',
  source: 'our own record of replaced refresh tokens',
  docs: null,
  evidence: {},
}

export function grantFailure(code: GrantFailure['code'], diagnosis: Diagnosis): GrantFailure {
  return { code, message: `${diagnosis.title}. ${diagnosis.fix.join(' ')}`, diagnosis }
}

export function failureOfBroken({ failure }: StoredGrant): Failure {
  const code = failure?.code === 'interrupted_refresh' ? 'interrupted_refresh' : 'invalid_credentials'
  return fail(code, failure ? { message: failure.message, diagnosis: failure.diagnosis ?? undefined } : {})
}

export function failureOfCooling(grant: StoredGrant, now: number): Failure {
  const waitMs = Math.max(0, (grant.cooldownUntil ?? now) - now)
  return fail('connection_refresh_backoff', {
    message: grant.failure ? `${errors.connection_refresh_backoff[1]} ${grant.failure.message}` : errors.connection_refresh_backoff[1],
    diagnosis: grant.failure?.diagnosis ?? undefined,
    retryAfter: Math.max(1, Math.ceil(waitMs / 1000)),
  })
}
