import assert from 'node:assert'
import { randomUUID } from 'node:crypto'
import type { Diagnosis } from '#diagnosis/diagnose.ts'
import { fail } from '@hawser/api/errors.ts'
import type { Tokens } from '#oauth/token-response.ts'
import { moveGrant } from '#integrations/client-family-store.ts'
import { clientsToTry } from '#integrations/clients-to-try.ts'
import type { LoadedClient } from '#integrations/oauth-client.ts'
import { acquireLease } from './acquire-lease.ts'
import { afterRefresh } from './after-refresh.ts'
import { askClients, type ClientOutcome } from './ask-clients.ts'
import type { Running } from './attempts.ts'
import type { LiveConnection, OAuth2Credentials, StoredCredentials, StoredGrant } from './connection.ts'
import { isDatabaseAway } from './database-away.ts'
import type { Need } from './freshness.ts'
import { isReplacedByAnother } from './former-token-store.ts'
import { grantById } from './grant-store.ts'
import { coolDown, markRequest, releaseLease, type Lease } from './lease-store.ts'
import { GRANT_LABEL, openCredentials } from './open-credentials.ts'
import { newOperation, noteAnswer, recorded } from './refresh-operation.ts'
import { ownUseOf } from './own-use.ts'
import { refreshElsewhere } from './refresh-elsewhere.ts'
import { GrantGone, placeOf, type RefreshDeps, type Refreshed } from './refresh-deps.ts'
import { failureOfBroken, failureOfCooling } from './refresh-failure.ts'
import { nextStep } from './refresh-step.ts'
import { fullConfig } from './secret-config.ts'
import { isOfKnownOrg, otherOrgIn } from './other-org.ts'
import {
  settleAnotherOrg,
  settleFailure,
  settleInterrupted,
  settleRefreshed,
  settleReplaced,
  type SentRefresh,
  type Settled,
} from './settle-failure.ts'
import { subjectOf } from './subject-of.ts'
import { within } from './timers.ts'
import type { NewTokens } from './token-keeper.ts'
import { tokenHostOf } from './token-host.ts'

/** Longer than the request's own deadline: whoever does not keep it is not waited for, but heard when he comes. */
const OVERRUN_MS = 2_000

/**
 * One attempt to bring a grant up to date, under its lease. No transaction is open while the provider answers.
 * Throws what `Connections.fresh` throws, and GrantGone.
 */
export async function refresh(deps: RefreshDeps, live: LiveConnection, need: Need, running: Running): Promise<Refreshed> {
  assert(live.grant)
  refuseFrozen(deps, live)
  const place = { host: tokenHostOf(live), provider: live.provider.name }
  // Before the lease: waiting in line keeps no other node from the grant.
  const leave = await deps.turns.take(place, { forJob: need.ahead === true, waitMs: deps.times.waitMs })
  const holder = randomUUID()
  try {
    refuseFrozen(deps, live)
    await deps.keeper.storeWaiting(live.grant.id)
    const acquired = await acquireLease(deps, live.grant.id, need, live.provider, holder)
    if (acquired.kind === 'other-node') return { grant: acquired.grant, renewed: true, configChanged: false }
    return await underLease(deps, live, acquired.lease, need, running, holder)
  } catch (error) {
    if (!isDatabaseAway(error)) throw error
    throw fail('credentials_unavailable', { internal: 'no refresh without the database', cause: error })
  } finally {
    leave()
  }
}

/** @throws Failure vault_frozen, frozen */
function refuseFrozen(deps: RefreshDeps, { connection }: LiveConnection): void {
  const refused = deps.guard.frozen() ?? deps.stopped(placeOf(connection))
  if (refused) throw refused
}

async function underLease(
  deps: RefreshDeps,
  live: LiveConnection,
  lease: Lease,
  need: Need,
  running: Running,
  holder: string,
): Promise<Refreshed> {
  const { grant, nowMs } = lease
  deps.cache.putGrant(grant)
  const sent: SentRefresh = {
    grant,
    holder,
    provider: live.provider,
    connection: live.connection,
    integration: live.integration,
    again: false,
    operation: newOperation(nowMs),
  }
  const step = nextStep(grant, need, live.provider, deps.uses.lastUsedAt(grant), nowMs)
  try {
    switch (step.kind) {
      case 'serve':
        return { grant, renewed: false, configChanged: false }
      case 'broken':
        throw failureOfBroken(grant)
      case 'cooling':
        throw failureOfCooling(grant, nowMs)
      case 'rest': {
        const rest = { grantId: grant.id, holder, sentVersion: grant.version, cooldownMs: step.forMs }
        const resting = await coolDown(deps.db, { ...rest, refreshStartedAt: undefined, failure: undefined })
        if (resting) deps.cache.putGrant(resting)
        throw failureOfCooling(resting ?? grant, nowMs)
      }
      case 'give-up':
        return await concluded(deps, sent, await settleInterrupted(deps, sent))
      case 'request':
        return await recorded(deps, live, sent.operation, () => request(deps, live, { ...sent, again: step.again }, need, running))
    }
  } finally {
    // No harm where the outcome gave it back already; if the database is away, time does it.
    await releaseLease(deps.db, grant.id, holder).catch(() => {})
  }
}

async function request(deps: RefreshDeps, live: LiveConnection, sent: SentRefresh, need: Need, running: Running): Promise<Refreshed> {
  const { grant, holder, provider } = sent
  const credentials = openCredentials(deps.vault, grant)
  const connectionConfig = fullConfig(deps.vault, live.connection)
  const mode = deps.authMode(grant.authMode)
  if (!mode.canRefresh({ ...credentials })) throw fail('connection_refresh_exhausted')
  const clients = await clientsToTry(deps, grant.integrationId, grant.oauthClientId)
  if (clients.length === 0) throw fail('missing_client_id')
  // Somebody may have pulled the kill switch while we waited for the lease.
  refuseFrozen(deps, live)
  deps.audit.used({ ...ownUseOf(live.connection), job: need.ahead === true ? 'refresh-ahead' : 'refresh', method: 'POST' })
  running.requested = true
  const retried = sent.again && grant.failure ? { ...grant.failure, retried: true } : sent.again ? RETRIED : undefined
  const fingerprint = fingerprintOf(deps, grant, credentials)
  const mark = {
    grantId: grant.id,
    holder,
    version: grant.version,
    leaseMs: deps.times.leaseMs,
    retried,
    vault: deps.guard.seen(),
    fingerprint,
  }
  if (!(await markRequest(deps.db, mark))) {
    if (fingerprint && !deps.guard.frozen() && (await isReplacedByAnother(deps.db, grant.id, fingerprint)))
      return concluded(deps, sent, await settleReplaced(deps, sent))
    throw (
      deps.guard.frozen() ??
      fail('refresh_timeout', { retryAfter: 1, internal: 'the lease, or the epoch of the vault, was lost before the request' })
    )
  }
  const asking = { mintedBy: grant.oauthClientId, timeoutMs: deps.times.requestMs, now: () => deps.clock.now() }
  const work = askClients(clients, asking, ({ clientId, clientSecret }, timeoutMs) =>
    refreshElsewhere(
      mode,
      {
        egress: deps.egress,
        provider,
        client: { clientId, clientSecret },
        credentials: { ...credentials },
        connectionConfig,
        timeoutMs,
        nowMs: deps.clock.now(),
      },
      () => deps.clock.now(),
    ),
  ).catch((error: unknown): ClientOutcome => {
    deps.log.error({ err: error, grantId: grant.id }, 'the token request failed in an unforeseen way')
    return { ok: false, failure: { sent: true, bodyKind: 'none' } }
  })
  const outcome = await within(deps.timers, deps.times.requestMs + OVERRUN_MS, work)
  if (outcome === 'late') {
    void work.then((late) => (late.ok ? keep(deps, sent, credentials, late) : undefined)).catch(() => {})
    const tooLate = await settleFailure(deps, sent, { network: 'timeout', sent: true, bodyKind: 'none' })
    return concluded(deps, sent, tooLate)
  }
  noteAnswer(sent.operation, deps.clock.now(), outcome.ok ? undefined : outcome.failure)
  if (!outcome.ok) return concluded(deps, sent, await settleFailure(deps, sent, outcome.failure))
  const refreshed = await keep(deps, sent, credentials, outcome)
  await noteClient(deps, grant, outcome.client)
  return refreshed
}

/** After the tokens are safe. Where it fails, the next refresh asks with both clients again and comes back here. */
async function noteClient(deps: RefreshDeps, grant: StoredGrant, client: LoadedClient): Promise<void> {
  if (client.id === grant.oauthClientId) return
  await moveGrant(deps.db, grant.id, grant.oauthClientId, client.id).catch((error: unknown) => {
    deps.log.warn({ err: error, grantId: grant.id }, 'it was not noted which client credentials a grant is refreshed with')
  })
}

const RETRIED = { code: 'interrupted_refresh', message: 'A refresh was interrupted.', diagnosis: null, retried: true } as const

/** The failure, unless somebody else's answer has been stored in the meantime. */
async function concluded(deps: RefreshDeps, sent: SentRefresh, settled: Settled): Promise<Refreshed> {
  if (settled.grant) {
    deps.cache.putGrant(settled.grant)
    const { code, details } = settled.failure
    const diagnosis = (details.diagnosis as Diagnosis | undefined)?.code
    deps.log.info({ connection: sent.connection.connectionId, grantId: sent.grant.id, code, diagnosis }, 'a refresh failed')
    throw settled.failure
  }
  const row = await grantById(deps.db, sent.grant.id)
  if (!row) throw new GrantGone()
  if (row.version <= sent.grant.version) throw settled.failure
  deps.cache.putGrant(row)
  return { grant: row, renewed: true, configChanged: false }
}

type Answer = Extract<ClientOutcome, { ok: true }>

async function keep(deps: RefreshDeps, sent: SentRefresh, old: StoredCredentials, answer: Answer): Promise<Refreshed> {
  const { tokens } = answer
  const other = otherOrgIn(sent.connection, sent.provider, tokens)
  // Before anybody can get hold of the new token.
  if (other?.kind === 'refreshed') return concluded(deps, sent, await settleRefreshed(deps, sent, other.refresh))
  if (other) return concluded(deps, sent, await settleAnotherOrg(deps, sent, other.newOrgId))
  const fresh = newTokens(deps, sent, old, answer)
  const kept = await deps.keeper.keep(fresh)
  if (kept.kind === 'superseded') {
    const row = await grantById(deps.db, sent.grant.id)
    if (!row) throw new GrantGone()
    deps.cache.putGrant(row)
    return { grant: row, renewed: true, configChanged: false }
  }
  deps.cache.putGrant(kept.grant)
  const configChanged = kept.kind === 'stored' && (await afterRefresh(deps, kept.grant.id, sent.provider, tokens.raw))
  return { grant: kept.grant, renewed: true, configChanged }
}

function newTokens(
  deps: RefreshDeps,
  { grant, holder, provider, connection, integration }: SentRefresh,
  old: StoredCredentials,
  { tokens, client }: Answer,
): NewTokens {
  const credentials = renewed(old, tokens)
  const sealed = deps.vault.sealWith(grant.environmentId, grant.dataKey, GRANT_LABEL, grant.id, JSON.stringify(credentials))
  const { expires_at } = credentials
  const expiresAt = expires_at === undefined ? undefined : new Date(expires_at)
  return {
    environmentId: grant.environmentId,
    grantId: grant.id,
    sentVersion: grant.version,
    holder,
    sealed,
    expiresAt,
    ofKnownOrg: isOfKnownOrg(connection, provider, tokens),
    fingerprint: fingerprintOf(deps, grant, credentials),
    sentFingerprint: fingerprintOf(deps, grant, old),
    origin: { connection, provider, subject: subjectOf(connection, integration), client },
    grant: { ...settledGrant(grant), sealed, version: grant.version + 1, expiresAt: expiresAt?.getTime(), refreshedAt: deps.clock.now() },
    storedLater: (stored) => {
      deps.cache.putGrant(stored)
      void afterRefresh(deps, stored.id, provider, tokens.raw)
    },
  }
}

function fingerprintOf(deps: RefreshDeps, { environmentId }: StoredGrant, credentials: StoredCredentials): Buffer | undefined {
  const refreshToken = credentials.type === 'OAUTH2' ? credentials.refresh_token : undefined
  return refreshToken === undefined ? undefined : deps.vault.fingerprint(environmentId, refreshToken)
}

/** With rotation the answer holds a new refresh token; without, the old one goes on. */
function renewed(old: StoredCredentials, tokens: Tokens): OAuth2Credentials {
  const refreshToken = tokens.refresh_token ?? (old.type === 'OAUTH2' ? old.refresh_token : undefined)
  return {
    type: 'OAUTH2',
    access_token: tokens.access_token,
    ...(refreshToken === undefined ? {} : { refresh_token: refreshToken }),
    ...(tokens.expires_at === undefined ? {} : { expires_at: tokens.expires_at }),
    raw: tokens.raw,
  }
}

function settledGrant(grant: StoredGrant): StoredGrant {
  return { ...grant, failures: 0, cooldownUntil: undefined, brokenAt: undefined, refreshStartedAt: undefined, failure: undefined }
}
