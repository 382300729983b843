import { fail, type Failure } from '@hawser/api/errors.ts'
import { sandboxFindings } from '@hawser/salesforce/sandbox-findings.ts'
import type { Transaction } from 'kysely'
import type { TokenFailure } from '#oauth/token-response.ts'
import type { StoredIntegration } from '#integrations/integration.ts'
import type { Provider } from '#providers/provider.ts'
import { openIssue, type IssueKind } from '#issues/open-issue.ts'
import { toDiagnosis } from '#diagnosis/diagnose.ts'
import type { StoredConnection, StoredGrant } from './connection.ts'
import { cooldownMs } from './cooldown.ts'
import { breakGrant, coolDown } from './lease-store.ts'
import { quarantineHost, sandboxRefreshed, tellRefreshed } from './quarantine.ts'
import type { RefreshDeps } from './refresh-deps.ts'
import { failureOfBroken, grantFailure, interruptedRefresh, replacedToken, verdictOf, type FailureVerdict } from './refresh-failure.ts'
import { UNKNOWN_OUTCOME_MS } from './refresh-step.ts'
import { replaceableOrgOf, type OrgBehind, type SandboxRefresh } from './sandbox-watch.ts'
import { connectionsOfGrant } from './store.ts'
import { operationIdOf, type RefreshOperation } from './refresh-operation.ts'
import { suspectRefresh } from './suspect-refresh.ts'

/** A refresh that was sent for `grant` (as it was then), by the holder of its lease. */
export interface SentRefresh {
  grant: StoredGrant
  holder: string
  provider: Provider
  /** One of those that live on the grant. */
  connection: StoredConnection
  integration: StoredIntegration
  /** The one further attempt after an unknown outcome. */
  again: boolean
  /** As the activity will know it. */
  operation: RefreshOperation
}

export interface Settled {
  /** As stored; undefined if lease or version were another one by then, and nothing was written. */
  grant: StoredGrant | undefined
  failure: Failure
}

/** A copy is activated within minutes; a host that stays away for longer than these attempts (a minute apart at last) has other reasons. */
const MOST_ATTEMPTS_WHILE_AWAY = 15

/**
 * Writes what a failed request means: the grant is broken, rests, or has an outcome nobody knows. `failure` is for the callers. A refusal for good is
 * held against the org behind the host first: a refreshed sandbox shows by the same errors as a removed app or a revoked approval.
 */
export async function settleFailure(deps: RefreshDeps, sent: SentRefresh, tokenFailure: TokenFailure): Promise<Settled> {
  const verdict = verdictOf(sent.provider, tokenFailure)
  const behind: OrgBehind =
    verdict.outcome === 'broken' ? await deps.sandboxes.lookBehind(sent.connection, sent.provider) : { kind: 'not-asked' }
  if (behind.kind === 'refreshed') return settleRefreshed(deps, sent, behind.refresh)
  if (behind.kind === 'away' && sent.grant.failures < MOST_ATTEMPTS_WHILE_AWAY) return settleResting(deps, sent, whileAway(verdict))
  const settled = await settleVerdict(deps, sent, verdict)
  const justBroken = settled.grant?.brokenAt !== undefined && sent.grant.brokenAt === undefined
  if (justBroken && (behind.kind === 'not-told' || behind.kind === 'away')) {
    await suspectRefresh(deps, sent.connection, sent.provider).catch((error: unknown) => {
      deps.log.warn({ err: error, grantId: sent.grant.id }, 'a suspicion could not be written down')
    })
  }
  return settled
}

function settleVerdict(deps: RefreshDeps, sent: SentRefresh, verdict: FailureVerdict): Promise<Settled> {
  if (verdict.outcome === 'broken' && !sent.again) return settleBroken(deps, sent, 'invalid_credentials', verdict)
  // A wrong client secret says nothing about the refresh token.
  if (verdict.outcome === 'broken' && verdict.diagnosis.class === 'config') return settleBroken(deps, sent, 'invalid_credentials', verdict)
  if (verdict.outcome !== 'not-happened' && sent.again) return settleInterrupted(deps, sent)
  return settleResting(deps, sent, verdict)
}

function whileAway({ diagnosis, retryAfterS }: FailureVerdict): FailureVerdict {
  const away = toDiagnosis(sandboxFindings.away, { refused_with: diagnosis.code })
  return { outcome: 'not-happened', transient: true, diagnosis: away, retryAfterS }
}

/**
 * Another org stands behind the connection's host: the grant is stopped, then those of all other connections to the host that know the org before.
 * Also for a refresh that went well, whose tokens are for the new org: they are not stored.
 */
export async function settleRefreshed(deps: RefreshDeps, sent: SentRefresh, refresh: SandboxRefresh): Promise<Settled> {
  const { grant: before, holder } = sent
  const oldOrgId = replaceableOrgOf(sent.connection)?.orgId ?? ''
  const diagnosis = sandboxRefreshed(refresh, oldOrgId)
  const failure = grantFailure('invalid_credentials', diagnosis)
  const grant = await deps.db.transaction().execute(async (transaction) => {
    const broken = await breakGrant(transaction, { grantId: before.id, holder, sentVersion: before.version, cooldownMs: 0, failure })
    if (!broken) return undefined
    const withAuthEvent = before.brokenAt === undefined
    await tellRefreshed(deps, transaction, { grantId: before.id, refresh, oldOrgId, diagnosis, withAuthEvent })
    return broken
  })
  await quarantineHost(deps, refresh).catch((error: unknown) => {
    deps.log.error({ err: error, grantId: before.id }, 'the other connections to a refreshed sandbox could not be stopped yet')
  })
  return { grant, failure: grant ? failureOfBroken(grant) : fail('invalid_credentials', { message: failure.message, diagnosis }) }
}

/** A refresh named another org on a host that no sandbox refresh explains. */
export function settleAnotherOrg(deps: RefreshDeps, sent: SentRefresh, newOrgId: string): Promise<Settled> {
  const { org_id: stored } = sent.connection.connectionConfig
  const evidence = { new_org_id: newOrgId, ...(typeof stored === 'string' ? { old_org_id: stored } : {}) }
  return settleBroken(deps, sent, 'invalid_credentials', { diagnosis: toDiagnosis(sandboxFindings.anotherOrg, evidence) })
}

/** Another grant has replaced the refresh token: nothing was sent, since its use would end the newer one. */
export function settleReplaced(deps: RefreshDeps, sent: SentRefresh): Promise<Settled> {
  return settleBroken(deps, sent, 'invalid_credentials', { diagnosis: replacedToken })
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
    await tellConnections(deps, transaction, { sent, kind, diagnosis, withEvent: before.brokenAt === undefined })
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
      await tellConnections(deps, transaction, { sent, kind: 'refresh_failed', diagnosis: verdict.diagnosis, withEvent: false })
    return cooled
  })
  const retryAfter = Math.max(1, Math.ceil(restMs / 1000))
  return { grant, failure: fail('refresh_token_external_error', { message: failure.message, diagnosis: verdict.diagnosis, retryAfter }) }
}

async function tellConnections(
  deps: RefreshDeps,
  transaction: Transaction<unknown>,
  told: { sent: SentRefresh; kind: IssueKind; diagnosis: FailureVerdict['diagnosis']; withEvent: boolean },
): Promise<void> {
  const { sent, kind, diagnosis, withEvent } = told
  const operationId = operationIdOf(sent.operation, deps.clock.now())
  for (const { connection, integration, grant } of await connectionsOfGrant(transaction, sent.grant.id)) {
    await openIssue(
      transaction,
      { environmentId: connection.environmentId, connectionId: connection.id, kind, diagnosis, operationId },
      deps,
    )
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
