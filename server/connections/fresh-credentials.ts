/**
 * Credentials that work as far as one can know without asking: the heart of the product. Fresh ones are opened from the cache without waiting; else
 * one attempt a grant and process (`attempts.ts`), under a lease over all nodes (`acquire-lease.ts`), renews them (`refresh.ts`).
 */
import { fail, Failure } from '@hawser/api/errors.ts'
import { createAttempts } from './attempts.ts'
import type { LiveConnection, StoredGrant } from './connection.ts'
import type { FreshCredentials, FreshOptions } from './connections.ts'
import { createDamageNotes } from './damage-notes.ts'
import { isDatabaseAway } from './database-away.ts'
import { hasStopped, isRefused, needsRefresh, type Need } from './freshness.ts'
import { openCredentials } from './open-credentials.ts'
import { refresh } from './refresh.ts'
import { GrantGone, placeOf, type RefreshDeps, type Refreshed } from './refresh-deps.ts'
import { failureOfBroken, failureOfCooling } from './refresh-failure.ts'
import { isCooling, mayRetryBroken } from './refresh-step.ts'
import { within } from './timers.ts'

/** How long a caller waits for a renewal while his token still works. */
const PATIENCE_MS = 5_000
/** A grant that is replaced, or a token that is refused, while we look: more rounds than this is somebody else's loop. */
const MOST_ROUNDS = 4

export type Fresh = (live: LiveConnection, options?: FreshOptions) => FreshCredentials | Promise<FreshCredentials>

export interface FreshCredentialsOf {
  fresh: Fresh
  /** In good time, without anything against the tokens. Does nothing for a broken grant, or one that cannot be renewed. Throws what `fresh` throws. */
  renewAhead(live: LiveConnection): Promise<void>
}

export function createFreshCredentials(deps: RefreshDeps): FreshCredentialsOf {
  const attempts = createAttempts<Refreshed>()

  const damage = createDamageNotes(deps)

  const opened = (live: LiveConnection, grant: StoredGrant): FreshCredentials => {
    try {
      const credentials = openCredentials(deps.vault, grant)
      damage.opened(grant)
      return { credentials, version: grant.version, live: live.grant === grant ? live : { ...live, grant } }
    } catch (error) {
      damage.failed(grant, error)
      throw error
    }
  }

  const isNeeded = (live: LiveConnection, grant: StoredGrant, need: Need) =>
    needsRefresh(grant, need, live.provider, deps.uses.lastUsedAt(grant), deps.clock.now())

  const fresh: Fresh = (given, options = {}) => {
    const live = newest(deps, given)
    const { grant } = live
    const stopped = deps.stopped(placeOf(live.connection))
    if (stopped) throw stopped
    if (!grant) {
      const { environmentId, secretConfig } = live.connection
      if (secretConfig && !deps.vault.isReady(environmentId)) return afterVault(given, options, environmentId)
      return { credentials: { type: 'NONE' }, version: 0, live }
    }
    if (!deps.vault.isReady(grant.environmentId)) return afterVault(given, options, grant.environmentId)
    // Versions count within one grant: a reconnect in between has begun a new one.
    const need: Need = { force: options.force === true, notVersion: given.grant?.id === grant.id ? options.notVersion : undefined }
    const now = deps.clock.now()
    if (grant.brokenAt !== undefined && !mayRetryBroken(grant, need, now)) throw failureOfBroken(grant)
    if (!isNeeded(live, grant, need)) return opened(live, grant)

    const works = !hasStopped(grant, need, now)
    const current = opened(live, grant)
    if (!deps.authMode(grant.authMode).canRefresh({ ...current.credentials })) {
      if (works) return current
      throw fail('connection_refresh_exhausted')
    }
    // Should another node do better in the meantime, the row's new version is announced, and this entry goes.
    if (isCooling(grant, now)) {
      if (works) return current
      throw failureOfCooling(grant, now)
    }
    return works ? renewedOr(current, live, need) : renewedBy(live, need, deps.times.waitMs)
  }

  const afterVault = async (given: LiveConnection, options: FreshOptions, environmentId: string): Promise<FreshCredentials> => {
    try {
      await deps.vault.ready(environmentId)
    } catch (error) {
      if (isDatabaseAway(error)) throw fail('credentials_unavailable', { internal: 'the environment key cannot be loaded', cause: error })
      throw error
    }
    return fresh(given, options)
  }

  /** A token that still works is better than waiting long, and than an error. */
  const renewedOr = async (current: FreshCredentials, live: LiveConnection, need: Need): Promise<FreshCredentials> => {
    try {
      return await renewedBy(live, need, Math.min(PATIENCE_MS, deps.times.waitMs))
    } catch (error) {
      if (!(error instanceof Failure) || deps.stopped(placeOf(live.connection))) throw error
      return current
    }
  }

  const renewedBy = async (live: LiveConnection, need: Need, waitMs: number): Promise<FreshCredentials> => {
    const result = await within(deps.timers, waitMs, renewed(live, need))
    // The kill switch may have been pulled while the provider answered.
    const stopped = deps.stopped(placeOf(live.connection))
    if (stopped) throw stopped
    if (result === 'late') throw fail('refresh_timeout', { retryAfter: 1 })
    return result
  }

  const renewed = async (from: LiveConnection, wanted: Need): Promise<FreshCredentials> => {
    let live = from
    let need = wanted
    for (let round = 0; round < MOST_ROUNDS && live.grant; round++) {
      const { id } = live.grant
      try {
        const asked = live
        const result = await attempts.join(id, need, (of, running) => refresh(deps, asked, of, running))
        // Stopped by somebody else while we waited: its tokens are nobody's any more.
        if (result.grant.brokenAt !== undefined) throw failureOfBroken(result.grant)
        if (result.configChanged) live = await deps.cache.reload(live).catch(() => live)
        if (need.force || (result.renewed && !isRefused(result.grant, need)) || !isNeeded(live, result.grant, need))
          return opened(live, result.grant)
      } catch (error) {
        if (!(error instanceof GrantGone)) throw error
        live = await deps.cache.reload(live)
        if (!live.grant || live.grant.id === id) throw fail('unknown_connection')
        need = { force: need.force }
        if (!isNeeded(live, live.grant, need)) return opened(live, live.grant)
      }
    }
    throw fail('refresh_timeout', { retryAfter: 1 })
  }

  const renewAhead = async (given: LiveConnection): Promise<void> => {
    const live = newest(deps, given)
    const { grant } = live
    if (!grant || grant.brokenAt !== undefined || isCooling(grant, deps.clock.now()) || deps.stopped(placeOf(live.connection))) return
    await deps.vault.ready(grant.environmentId)
    if (!deps.authMode(grant.authMode).canRefresh({ ...openCredentials(deps.vault, grant) })) return
    await renewedBy(live, { force: true, ahead: true }, deps.times.waitMs)
  }

  return { fresh, renewAhead }
}

function newest(deps: RefreshDeps, given: LiveConnection): LiveConnection {
  const cached = deps.cache.newest(given)
  // An entry may be older than what the caller has just read; within one grant the version tells.
  const live = cached.grant && given.grant?.id === cached.grant.id && cached.grant.version < given.grant.version ? given : cached
  if (!live.grant) return live
  const grant = deps.keeper.withSpooled(live.grant)
  return grant === live.grant ? live : { ...live, grant }
}
