import { fail, type Failure } from '@hawser/api/errors.ts'
import type { Transaction } from 'kysely'
import type { TokenFailure } from '#oauth/token-response.ts'
import type { Provider } from '#providers/provider.ts'
import { openIssue, type IssueKind } from '#issues/open-issue.ts'
import type { StoredGrant } from './connection.ts'
import { cooldownMs } from './cooldown.ts'
import { breakGrant, coolDown } from './lease-store.ts'
import type { RefreshDeps } from './refresh-deps.ts'
import { failureOfBroken, grantFailure, interruptedRefresh, verdictOf, type FailureVerdict } from './refresh-failure.ts'
import { UNKNOWN_OUTCOME_MS } from './refresh-step.ts'
import { connectionsOfGrant } from './store.ts'

/** A refresh that was sent for `grant` (as it was then), by the holder of its lease. */
export interface SentRefresh {
  grant: StoredGrant
  holder: string
  provider: Provider
  /** The one further attempt after an unknown outcome. */
  again: boolean
}

export interface Settled {
  /** As stored; undefined if lease or version were another one by then, and nothing was written. */
  grant: StoredGrant | undefined
  failure: Failure
}

/** Writes what a failed request means: the grant is broken, rests, or has an outcome nobody knows. `failure` is for the callers. */
export async function settleFailure(deps: RefreshDeps, sent: SentRefresh, tokenFailure: TokenFailure): Promise<Settled> {
  const verdict = verdictOf(sent.provider, tokenFailure)
  if (verdict.outcome === 'broken' && !sent.again) return settleBroken(deps, sent, 'invalid_credentials', verdict)
  // A wrong client secret says nothing about the refresh token.
  if (verdict.outcome === 'broken' && verdict.diagnosis.class === 'config') return settleBroken(deps, sent, 'invalid_credentials', verdict)
  if (verdict.outcome !== 'not-happened' && sent.again) return settleInterrupted(deps, sent)
  return settleResting(deps, sent, verdict)
}

/** The further attempt has failed, or was lost too: the stored refresh token is taken for dead. */
export function settleInterrupted(deps: RefreshDeps, sent: SentRefresh): Promise<Settled> {
  return settleBroken(deps, sent, 'interrupted_refresh', { diagnosis: interruptedRefresh })
}

async function settleBroken(
  deps: RefreshDeps,
  sent: SentRefresh,
  code: 'invalid_credentials' | 'interrupted_refresh',
  { diagnosis }: Pick<FailureVerdict, 'diagnosis'>,
): Promise<Settled> {
  const failure = grantFailure(code, diagnosis)
  const { grant: before, holder } = sent
  const rest = cooldownMs(before.failures, undefined, deps.random())
  const grant = await deps.db.transaction().execute(async (transaction) => {
    const broken = await breakGrant(transaction, { grantId: before.id, holder, sentVersion: before.version, cooldownMs: rest, failure })
    if (!broken) return undefined
    const kind = code === 'interrupted_refresh' ? 'interrupted_refresh' : 'refresh_failed'
    // One webhook for one break, however often it is tried again.
    await tellConnections(deps, transaction, before.id, kind, diagnosis, before.brokenAt === undefined)
    return broken
  })
  return { grant, failure: grant ? failureOfBroken(grant) : fail(code, { message: failure.message, diagnosis }) }
}

async function settleResting(deps: RefreshDeps, sent: SentRefresh, verdict: FailureVerdict): Promise<Settled> {
  const { grant: before, holder } = sent
  const unknown = verdict.outcome === 'unknown'
  const restMs = unknown ? UNKNOWN_OUTCOME_MS : cooldownMs(before.failures, verdict.retryAfterS, deps.random())
  const failure = grantFailure('refresh_token_external_error', verdict.diagnosis)
  const grant = await deps.db.transaction().execute(async (transaction) => {
    const cooled = await coolDown(transaction, {
      grantId: before.id,
      holder,
      sentVersion: before.version,
      cooldownMs: restMs,
      // A request that did not happen leaves the doubt about an earlier one as it was.
      refreshStartedAt: unknown ? undefined : before.refreshStartedAt === undefined ? null : new Date(before.refreshStartedAt),
      failure,
    })
    // Nothing that passes by itself: somebody has to act, and calls do not fail for good.
    if (cooled && !verdict.transient && !unknown)
      await tellConnections(deps, transaction, before.id, 'refresh_failed', verdict.diagnosis, false)
    return cooled
  })
  const retryAfter = Math.max(1, Math.ceil(restMs / 1000))
  return { grant, failure: fail('refresh_token_external_error', { message: failure.message, diagnosis: verdict.diagnosis, retryAfter }) }
}

async function tellConnections(
  deps: RefreshDeps,
  transaction: Transaction<unknown>,
  grantId: string,
  kind: IssueKind,
  diagnosis: FailureVerdict['diagnosis'],
  withEvent: boolean,
): Promise<void> {
  for (const { connection, integration, grant } of await connectionsOfGrant(transaction, grantId)) {
    await openIssue(transaction, { environmentId: connection.environmentId, connectionId: connection.id, kind, diagnosis })
    if (!withEvent) continue
    await deps.recordEvent(transaction, {
      environmentId: connection.environmentId,
      connection,
      integrationKey: integration.uniqueKey,
      provider: integration.provider,
      authMode: grant?.authMode ?? 'OAUTH2',
      operation: 'refresh',
      failure: { type: kind, description: `${diagnosis.title}. ${diagnosis.fix.join(' ')}`, diagnosis },
    })
  }
}
