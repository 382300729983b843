/**
 * A new key for an environment, while servers read and write. Where a rotation stands is told by the environment's keys alone, so whoever comes next goes on:
 *
 * 1. announce: the new key lies beside the old one, which still wraps. Wait until every process has asked for the keys again.
 * 2. switch: new data keys are wrapped by the new key. Wait likewise, since some processes wrap with the old one for a while.
 * 3. re-wrap the data keys in batches. Only the wrapping changes: the data keys, and the ciphertexts under them, stay, so nobody's work is undone.
 * 4. retire: when no row is left, the old key is dropped, and rows under it are refused by the database.
 */
import { CannotOpen, newDataKey } from './envelope.ts'
import type { KeyProvider } from './key-provider.ts'
import { readKeyring, writeKeyring, type Keyring } from './keyring.ts'
import type { SealedPlace, SealedRow } from './sealed-place.ts'
import * as store from './store.ts'
import { STALE_AFTER_MS, environmentKeyAad } from './environment-keys.ts'
import { createVault, type Vault } from './vault.ts'
import type { Database } from '#db/pool.ts'

const BATCH = 500
/** With what a process may take to notice, and a statement to end that began before. */
export const SETTLE_MS = STALE_AFTER_MS + 20_000
const PAUSE_MS = 1_000
/** Of passes that found rows to re-wrap after the settling time: somebody writes with an old key, and should be looked for. */
const MOST_PASSES = 1_000

export interface RotationProgress {
  environmentId: string
  step: 'announced' | 'waiting' | 'switched' | 'rewrapping' | 'finished'
  rewrapped: number
  /** Rows that do not open with any key: changed bytes, or another row's. They stay as they are. */
  damaged: readonly string[]
  waitMs?: number
}

export interface RotateEnvironmentKey {
  db: Database
  provider: KeyProvider
  environmentId: string
  places: readonly SealedPlace[]
  /** How long a process may use keys that it has not asked about; default `SETTLE_MS`. */
  settleMs?: number
  batch?: number
  sleep(ms: number): Promise<void>
  onProgress?(progress: RotationProgress): void
}

/** Begins a rotation, or goes on with the one that was begun. Returns its end. @throws WrongVaultKey, KmsUnusable; a plain Error if it does not come to an end */
export async function rotateEnvironmentKey(rotated: RotateEnvironmentKey): Promise<RotationProgress> {
  const { db, environmentId } = rotated
  const progress: RotationProgress = { environmentId, step: 'announced', rewrapped: 0, damaged: [] }
  const tell = (change: Partial<RotationProgress>) => rotated.onProgress?.(Object.assign(progress, change))
  let { keyring, wrapped } = await keysNow(rotated)
  if (keyring.keys.size === 1) {
    const generation = keyring.current + 1
    keyring.keys.set(generation, newDataKey())
    await change(rotated, wrapped, keyring, (transaction) => store.insertRotation(transaction, environmentId, generation))
    tell({ step: 'announced' })
    ;({ keyring, wrapped } = await keysNow(rotated))
  }
  const newest = Math.max(...keyring.keys.keys())
  if (keyring.current !== newest) {
    await settle(rotated, 'announced', tell)
    keyring.current = newest
    await change(rotated, wrapped, keyring, (transaction) => store.noteRotation(transaction, environmentId, newest, 'switched'))
    tell({ step: 'switched' })
  }
  tell({ step: 'rewrapping' })
  const vault = await vaultOf(rotated)
  for (let pass = 0; pass < MOST_PASSES; pass++) {
    const isLast = await hasSettled(rotated)
    const found = await rewrapAll(rotated, vault, newest, progress, tell)
    progress.damaged = found.damaged
    if (isLast && found.left === 0 && (await retire(rotated, newest, found.damaged.length))) {
      tell({ step: 'finished' })
      return progress
    }
    if (!isLast && found.left === 0) await settle(rotated, 'switched', tell)
    else if (found.replaced === 0) await rotated.sleep(PAUSE_MS)
  }
  throw new Error(
    'rows under the old key appear again and again: a server that does not know the new one still writes. Restart all of them, then run this again.',
  )

  async function keysNow({ provider }: RotateEnvironmentKey): Promise<{ keyring: Keyring; wrapped: Buffer }> {
    const stored = await store.environmentKey(db.kysely, environmentId)
    if (!stored) throw new Error('the environment is gone')
    return { keyring: readKeyring(await provider.unwrap(stored, environmentKeyAad(environmentId))), wrapped: stored }
  }
}

type Tell = (change: Partial<RotationProgress>) => void
type Transaction = Parameters<typeof store.noteRotation>[0]

async function change(
  { db, provider, environmentId }: RotateEnvironmentKey,
  was: Buffer,
  keyring: Keyring,
  alongside: (transaction: Transaction) => Promise<void>,
): Promise<void> {
  const wrapped = await provider.wrap(writeKeyring(keyring), environmentKeyAad(environmentId))
  await db.kysely.transaction().execute(async (transaction) => {
    if (!(await store.replaceEnvironmentKey(transaction, environmentId, was, wrapped)))
      throw new Error('somebody else has changed the environment’s keys meanwhile; run this again')
    await alongside(transaction)
  })
}

async function vaultOf({ db, provider, environmentId }: RotateEnvironmentKey): Promise<Vault> {
  const vault = createVault({
    keyProvider: provider,
    loadWrappedKey: async (id) => (await store.environmentKey(db.kysely, id)) ?? null,
    saveWrappedKey: () => Promise.reject(new Error('the environment is gone')),
  })
  await vault.ready(environmentId)
  return vault
}

async function remainingMs(rotated: RotateEnvironmentKey, since: 'announced' | 'switched'): Promise<number> {
  const rotation = await store.latestRotation(rotated.db.kysely, rotated.environmentId)
  const passed = (since === 'announced' ? rotation?.sinceAnnouncedMs : rotation?.sinceSwitchedMs) ?? 0
  return Math.max(0, (rotated.settleMs ?? SETTLE_MS) - passed)
}

const hasSettled = async (rotated: RotateEnvironmentKey): Promise<boolean> => (await remainingMs(rotated, 'switched')) === 0

async function settle(rotated: RotateEnvironmentKey, since: 'announced' | 'switched', tell: Tell): Promise<void> {
  const waitMs = await remainingMs(rotated, since)
  if (waitMs === 0) return
  tell({ step: 'waiting', waitMs })
  // By the database's clock, which may be ahead of our timer by a moment.
  await rotated.sleep(waitMs + 50)
}

interface Pass {
  replaced: number
  /** Rows that somebody else held, or changed. */
  left: number
  damaged: string[]
}

async function rewrapAll(
  rotated: RotateEnvironmentKey,
  vault: Vault,
  generation: number,
  progress: RotationProgress,
  tell: Tell,
): Promise<Pass> {
  const { db, environmentId, places, batch = BATCH } = rotated
  const pass: Pass = { replaced: 0, left: 0, damaged: [] }
  for (const place of places) {
    for (let after = ''; ;) {
      const rows = await place.older(db.kysely, { environmentId, generation, after, limit: batch })
      const last = rows.at(-1)
      if (!last) break
      after = last.key
      const again = rows.flatMap((row) => rewrapped(vault, environmentId, place, row, pass.damaged))
      const replaced = again.length === 0 ? 0 : await place.replace(db.kysely, again)
      pass.replaced += replaced
      pass.left += again.length - replaced
      if (replaced === 0) continue
      await store.noteRotation(db.kysely, environmentId, generation, { rewrapped: replaced })
      tell({ step: 'rewrapping', rewrapped: progress.rewrapped + replaced })
    }
  }
  return pass
}

/** One damaged row is reported, and keeps nobody else's from being re-wrapped. */
function rewrapped(
  vault: Vault,
  environmentId: string,
  place: SealedPlace,
  row: SealedRow,
  damaged: string[],
): (SealedRow & { again: Buffer })[] {
  try {
    const again = vault.rewrap(environmentId, row.dataKey, row.label, row.rowId)
    return again ? [{ ...row, again }] : []
  } catch (error) {
    if (!(error instanceof CannotOpen)) throw error
    damaged.push(`${place.name} ${row.key}`)
    return []
  }
}

/** False if a row under an older key has appeared. */
async function retire(rotated: RotateEnvironmentKey, generation: number, damaged: number): Promise<boolean> {
  const { db, provider, environmentId, places } = rotated
  const stored = (await store.environmentKey(db.kysely, environmentId))!
  const keyring = readKeyring(await provider.unwrap(stored, environmentKeyAad(environmentId)))
  for (const old of [...keyring.keys.keys()].filter((each) => each !== generation)) keyring.keys.delete(old)
  const wrapped = await provider.wrap(writeKeyring(keyring), environmentKeyAad(environmentId))
  return db.kysely.transaction().execute(async (transaction) => {
    await store.lockEnvironment(transaction, environmentId)
    let older = 0
    for (const place of places) older += await place.countOlder(transaction, { environmentId, generation })
    if (older > damaged) return false
    if (!(await store.replaceEnvironmentKey(transaction, environmentId, stored, wrapped)))
      throw new Error('somebody else has changed the environment’s keys meanwhile; run this again')
    await store.refuseOlderKeys(transaction, environmentId, generation)
    await store.noteRotation(transaction, environmentId, generation, 'finished')
    return true
  })
}
