import { fail } from '@hawser/api/errors.ts'
import type { Kysely } from 'kysely'
import type { Logger } from 'pino'
import type { Bus } from '#bus/bus.ts'
import type { Clock } from '#lib/clock.ts'
import type { Spool, SpoolEntry, SpoolId } from '#vault/spool.ts'
import type { StoredGrant } from './connection.ts'
import type { TokenOrigin, UnstoredTokens } from './end-unstored.ts'
import { grantById } from './grant-store.ts'
import { storeTokens, type TokensToStore } from './lease-store.ts'
import { dropStored, newestSpooled, reapplySpooled } from './reapply-spool.ts'
import { spoolPayload } from './spool-payload.ts'
import type { Timers } from './timers.ts'

const FIRST_RETRY_MS = 1_000
const LONGEST_RETRY_MS = 30_000
const SWEEP_MS = 3_600_000

/** New tokens as the provider handed them out, sealed under the grant's own data key. */
export interface NewTokens extends TokensToStore {
  environmentId: string
  /** The grant as it is with these tokens. */
  grant: StoredGrant
  origin: TokenOrigin
  /** Called once they are in the database, if that was not at once. */
  storedLater(grant: StoredGrant): void
}

export type Kept = { kind: 'stored'; grant: StoredGrant } | { kind: 'spooled'; grant: StoredGrant } | { kind: 'superseded' }

/** Sees to it that tokens which a provider has handed out are never lost: on disk first, then in the database, however long that takes. */
export interface TokenKeeper {
  /**
   * `superseded`: another answer was stored before; use that one. `spooled`: the database is away, the tokens are safe on disk and may be used.
   * Throws `credentials_unavailable` when they are neither in the database nor on disk: they are kept in memory and tried again, and not handed out.
   */
  keep(tokens: NewTokens): Promise<Kept>
  /** The grant with tokens that are on disk but not in the database yet, if there are such; else the grant itself. */
  withSpooled(grant: StoredGrant): StoredGrant
  /**
   * Before a refresh: tokens that wait, here or on disk since an earlier process, are stored first, since the row's own may be used up. Throws
   * `credentials_unavailable` while that fails.
   */
  storeWaiting(grantId: string): Promise<void>
  /** Stores what an earlier process, or a database that came back older, has left behind. */
  reapply(): Promise<void>
  close(): void
}

interface Waiting {
  tokens: NewTokens
  spoolId: SpoolId | undefined
}

export interface KeeperDeps {
  db: Kysely<unknown>
  /** Sees to tokens that were not stored: `endUnstored`. */
  end(unstored: UnstoredTokens): Promise<void>
  spool: Spool
  clock: Clock
  timers: Timers
  log: Logger
  bus: Bus
  /** The database may be somebody else's: tokens on disk stay there. */
  foreign(): boolean
}

export function createTokenKeeper(deps: KeeperDeps): TokenKeeper {
  const { db, spool, log } = deps
  const waiting = new Map<string, Waiting>()
  let stopRetry: (() => void) | undefined
  let retryMs = FIRST_RETRY_MS
  let closed = false

  const storeOne = async (grantId: string, entry: Waiting): Promise<void> => {
    const stored = await storeOrRecognise(db, entry.tokens)
    if (waiting.get(grantId) !== entry) return
    if (!stored) await deps.end(entry.tokens)
    waiting.delete(grantId)
    await settled(deps, entry, stored)
    if (stored) entry.tokens.storedLater(stored)
  }

  const storeAll = async () => {
    stopRetry?.()
    stopRetry = undefined
    for (const [grantId, entry] of [...waiting]) {
      await storeOne(grantId, entry).catch((error: unknown) => log.warn({ err: error, grantId }, 'new tokens could not be stored yet'))
    }
    if (waiting.size === 0) retryMs = FIRST_RETRY_MS
    else retryLater()
  }
  const retryLater = () => {
    if (closed || stopRetry) return
    stopRetry = deps.timers.after(retryMs, () => void storeAll())
    retryMs = Math.min(2 * retryMs, LONGEST_RETRY_MS)
  }

  /** What the latest pass over the disk has found and not dealt with; undefined before the first. */
  let found: Promise<Map<string, SpoolEntry>> | undefined
  const reapply = async () => {
    if (deps.foreign()) return
    const [left] = await Promise.all([(found = newestSpooled(deps)), storeAll()])
    await dropStored(deps, left)
    let failed: { error: unknown } | undefined
    for (const [grantId, entry] of left) {
      if (waiting.has(grantId)) continue
      try {
        await reapplySpooled(deps, entry)
        left.delete(grantId)
      } catch (error) {
        failed = { error } // the others are stored all the same
      }
    }
    if (failed) throw failed.error
    await spool.sweep(deps.clock.now())
  }
  const reapplyQuietly = () => reapply().catch((error: unknown) => log.warn({ err: error }, 'the token spool could not be gone through'))
  const stopGap = deps.bus.onGap(() => void reapplyQuietly())
  let stopSweep = () => {}
  const sweepLater = () => {
    stopSweep = deps.timers.after(SWEEP_MS, () => void reapplyQuietly().finally(() => closed || sweepLater()))
  }
  sweepLater()

  return {
    async keep(tokens) {
      const entry: Waiting = { tokens, spoolId: await putOnDisk(deps, tokens) }
      try {
        const stored = await storeOrRecognise(db, tokens)
        if (stored) return await settled(deps, entry, stored)
      } catch (error) {
        log.warn({ err: error, grantId: tokens.grantId }, 'the database did not take new tokens; they wait on disk')
        waiting.set(tokens.grantId, entry)
        retryLater()
        if (entry.spoolId === undefined) throw fail('credentials_unavailable', { internal: 'new tokens are in memory only', cause: error })
        return { kind: 'spooled', grant: tokens.grant }
      }
      try {
        await deps.end(tokens)
        return await settled(deps, entry, undefined)
      } catch (error) {
        log.warn({ err: error, grantId: tokens.grantId }, 'tokens of an ended grant could not be given back yet')
        if (!waiting.has(tokens.grantId)) waiting.set(tokens.grantId, entry)
        retryLater()
        return { kind: 'superseded' }
      }
    },
    withSpooled(grant) {
      const entry = waiting.get(grant.id)
      return entry?.spoolId !== undefined && entry.tokens.grant.version > grant.version ? entry.tokens.grant : grant
    },
    async storeWaiting(grantId) {
      const entry = waiting.get(grantId)
      try {
        if (entry) return await storeOne(grantId, entry)
        // A process that was killed may have left them; calls come in before the disk was gone through, and must not use up an old refresh token.
        if (!found) void reapplyQuietly()
        const spooled = (await found?.catch(() => undefined))?.get(grantId)
        if (spooled) await reapplySpooled(deps, spooled)
      } catch (error) {
        throw fail('credentials_unavailable', { internal: 'new tokens wait for the database', cause: error })
      }
    },
    reapply,
    close() {
      closed = true
      stopRetry?.()
      stopSweep()
      stopGap()
    },
  }
}

/** Undefined: the disk does not take them. */
async function putOnDisk({ spool, log }: KeeperDeps, tokens: NewTokens): Promise<SpoolId | undefined> {
  return spool
    .put({ grantId: tokens.grantId, version: tokens.sentVersion + 1, sealed: spoolPayload(tokens) })
    .catch((error: unknown) => void log.error({ err: error }, 'the token spool cannot be written: check the data directory'))
}

/** What the disk knows of them follows. */
async function settled({ spool, clock, log }: KeeperDeps, { spoolId }: Waiting, stored: StoredGrant | undefined): Promise<Kept> {
  if (spoolId !== undefined) {
    const marked = stored ? spool.markCommitted(spoolId, clock.now()) : spool.discard(spoolId)
    await marked.catch((error: unknown) => log.warn({ err: error }, 'an entry of the token spool could not be marked'))
  }
  return stored ? { kind: 'stored', grant: stored } : { kind: 'superseded' }
}

/** Undefined: another answer was stored. An UPDATE whose confirmation was lost is recognised by its bytes. */
async function storeOrRecognise(db: Kysely<unknown>, tokens: NewTokens): Promise<StoredGrant | undefined> {
  const stored = await storeTokens(db, tokens).catch((error: unknown) => {
    // Another grant holds the same refresh token already: this row does without the mark that would join them.
    if ((error as { constraint?: unknown }).constraint !== 'grant_by_fingerprint') throw error
    return storeTokens(db, { ...tokens, fingerprint: undefined })
  })
  if (stored) return stored
  const row = await grantById(db, tokens.grantId)
  return row && row.version > tokens.sentVersion && row.sealed.equals(tokens.sealed) ? row : undefined
}
