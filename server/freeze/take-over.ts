/** What the command line does about a frozen vault. Servers that are up hear of it at once. */
import { newId } from '#lib/ids.ts'
import type { Database } from '#db/pool.ts'
import { sql } from 'kysely'
import { readEpochFile, writeEpochFile } from './epoch-file.ts'
import { judgeVault, type FreezeReason } from './judge-vault.ts'
import { homeOf, readVault, takeOver, type SeenRow } from './vault-store.ts'
import { VAULT_TOPIC } from './vault-watch.ts'

export interface VaultReport {
  epoch: string
  generation: number
  /** When a server was last up on this database. */
  seenAt: Date
  /** Undefined: a server on this data directory refreshes. */
  frozen: FreezeReason | undefined
}

/** `told`: HAWSER_VAULT_EPOCH. Undefined for a database without a vault. */
export async function vaultReport({ kysely }: Database, dataDir: string, told: string | undefined): Promise<VaultReport | undefined> {
  const row = await readVault(kysely)
  if (!row) return undefined
  const verdict = judgeVault(row, await readEpochFile(dataDir), told, await homeOf(kysely))
  const { epoch, generation, seenAt } = row
  return { epoch, generation, seenAt: new Date(seenAt), frozen: verdict.kind === 'frozen' ? verdict.reason : undefined }
}

/**
 * Gives the database a new epoch, and this data directory with it. Every server that knows the former one freezes, as far as it sees this database.
 * The directory's spool is put back by its server, before that refreshes anything.
 */
export async function takeOverVault(db: Database, dataDir: string): Promise<SeenRow> {
  const seen = await readEpochFile(dataDir).catch(() => undefined)
  const home = await homeOf(db.kysely)
  const row = await takeOver(db.kysely, { epoch: newId(), home, above: seen?.generation ?? 0 })
  await writeEpochFile(dataDir, row)
  await announce(db)
  return row
}

/** Lets this data directory belong to the database as it is. Undefined if the database says itself that it is a copy: then only taking over helps. */
export async function joinVault(db: Database, dataDir: string): Promise<SeenRow | undefined> {
  const row = await readVault(db.kysely)
  if (!row) throw new Error('No server has used this database yet: there is nothing to join.')
  const verdict = judgeVault(row, { epoch: row.epoch, generation: 0 }, undefined, await homeOf(db.kysely))
  if (verdict.kind === 'frozen') return undefined
  await writeEpochFile(dataDir, row)
  await announce(db)
  return row
}

/** As the bus does: the command line has none. */
async function announce(db: Database): Promise<void> {
  await sql`select pg_notify('hawser_message', ${`${VAULT_TOPIC}:`})`.execute(db.kysely)
}
