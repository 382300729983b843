import type { SpoolEntry } from '#vault/spool.ts'
import { wasRevokedHere } from './end-unstored.ts'
import { grantById, grantsBelow } from './grant-store.ts'
import { storeSpooled } from './lease-store.ts'
import { readSpoolPayload } from './spool-payload.ts'
import type { KeeperDeps } from './token-keeper.ts'

/** Of several entries of one grant the newest, by grant; older ones that were never stored go. */
export async function newestSpooled({ spool }: Pick<KeeperDeps, 'spool'>): Promise<Map<string, SpoolEntry>> {
  const newest = new Map<string, SpoolEntry>()
  for (const entry of await spool.list()) {
    const known = newest.get(entry.grantId)
    if (known && known.committedAt === null) await spool.discard(known.id)
    newest.set(entry.grantId, entry) // in the order of their versions
  }
  return newest
}

const AT_ONCE = 1_000
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

/**
 * Takes out what the database has: after a day with many refreshes nearly all of it. Nothing is refreshed until the disk was gone through, so it must not
 * cost a statement for each.
 */
export async function dropStored({ db }: Pick<KeeperDeps, 'db'>, newest: Map<string, SpoolEntry>): Promise<void> {
  const stored = [...newest.values()].filter(({ grantId, committedAt }) => committedAt !== null && UUID.test(grantId))
  for (let start = 0; start < stored.length; start += AT_ONCE) {
    const some = stored.slice(start, start + AT_ONCE)
    const missing = await grantsBelow(db, some)
    for (const { grantId } of some) if (!missing.has(grantId)) newest.delete(grantId)
  }
}

/**
 * Brings a row up to what this node's disk knows of it: tokens that were never stored, and tokens that were stored and are missing again (a
 * standby that lagged, a restored backup). May run twice at once.
 */
export async function reapplySpooled(deps: KeeperDeps, { id, grantId, version, committedAt }: SpoolEntry): Promise<void> {
  const { db, spool, clock } = deps
  const row = await grantById(db, grantId)
  if (committedAt !== null && (!row || row.version >= version)) return
  if (!row) {
    // With the row went the key that opens them.
    deps.log.warn(
      { grantId, version },
      'tokens of a deleted connection came too late: they cannot be revoked, and may live on at the provider',
    )
    return spool.discard(id)
  }
  const bytes = await spool.read(id)
  const tokens = bytes && readSpoolPayload(bytes)
  // Kept: damaged today may be another key's tomorrow, and it may be the only live token.
  if (!tokens) return void deps.log.error({ grantId, version }, 'an entry of the token spool cannot be read')
  if (row.version >= version && row.sealed.equals(tokens.sealed)) return spool.markCommitted(id, clock.now())
  const stored = await storeSpooled(db, { grantId, version, ...tokens }).catch((error: unknown) => {
    if ((error as { constraint?: unknown }).constraint !== 'grant_by_fingerprint') throw error
    return storeSpooled(db, { grantId, version, ...tokens, fingerprint: undefined })
  })
  if (!stored) {
    const ended = wasRevokedHere(row)
    if (!ended && row.version < version) return
    if (ended) await deps.end({ ...tokens, grant: { ...row, sealed: tokens.sealed }, origin: undefined })
    return spool.discard(id)
  }
  deps.log.warn({ grantId, version }, 'tokens from the spool were stored: the database did not have them')
  await spool.markCommitted(id, clock.now())
}
