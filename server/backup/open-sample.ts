/** Whether what was restored can be used: a secret of every kind is opened, and the audit's chains are gone through. */
import { sql, type Kysely } from 'kysely'
import { openDatabase } from '#db/pool.ts'
import { openAuditKey } from '#audit/audit-key.ts'
import { verifyAudit } from '#audit/verify-audit.ts'
import { openInstallationSecret } from '#vault/installation-secret.ts'
import type { KeyProvider } from '#vault/key-provider.ts'
import { createSpool } from '#vault/spool.ts'
import * as vaultStore from '#vault/store.ts'
import { createVault, type Vault } from '#vault/vault.ts'
import { join } from 'node:path'

/** A column of ciphertexts, see `server/sealed-places.ts`. */
export interface SealedKind {
  table: string
  /** Of the data key. */
  column: string
  /** Of the ciphertext. */
  sealed: string
  label: string
  environment?: string
}

export interface SampleResult {
  /** `table.column` that were opened, once each. */
  opened: string[]
  /** That hold nothing. */
  empty: string[]
  spoolEntries: number
  auditRows: number
  auditChains: number
  /** In plain words; empty: all is well. */
  faults: string[]
}

/** The database must have the newest schema. Throws what the key provider throws. */
export async function openSample(url: string, dataDir: string, provider: KeyProvider, kinds: readonly SealedKind[]): Promise<SampleResult> {
  const db = await openDatabase({ url, max: 2, statementTimeoutMs: 120_000, applicationName: 'hawser-verify' })
  try {
    const { kysely } = db
    const vault = createVault({
      keyProvider: provider,
      loadWrappedKey: async (id) => (await vaultStore.environmentKey(kysely, id)) ?? null,
      saveWrappedKey: () => Promise.reject(new Error('an environment without a key')),
    })
    const result: SampleResult = { opened: [], empty: [], spoolEntries: 0, auditRows: 0, auditChains: 0, faults: [] }
    for (const kind of kinds) await openOne(kysely, vault, kind, result)
    await openSpool(kysely, provider, dataDir, result)
    await goThroughAudit(kysely, provider, dataDir, result)
    return result
  } finally {
    await db.close()
  }
}

async function openOne(db: Kysely<unknown>, vault: Vault, kind: SealedKind, result: SampleResult): Promise<void> {
  const name = `${kind.table}.${kind.sealed}`
  const { rows } = await sql<{ id: string; environment: string; data_key: Buffer; sealed: Buffer }>`
    select id, ${sql.id(kind.environment ?? 'environment_id')} as environment, ${sql.id(kind.column)} as data_key, ${sql.id(kind.sealed)} as sealed
    from ${sql.id(kind.table)} where ${sql.id(kind.sealed)} is not null and ${sql.id(kind.column)} is not null order by id desc limit 1`.execute(
    db,
  )
  const row = rows[0]
  if (!row) return void result.empty.push(name)
  try {
    await vault.ready(row.environment)
    vault.openSealed(row.environment, row.data_key, row.sealed, kind.label, row.id).fill(0)
    result.opened.push(name)
  } catch (error) {
    result.faults.push(`${name} of row ${row.id} does not open: ${(error as Error).message}`)
  }
}

async function openSpool(db: Kysely<unknown>, provider: KeyProvider, dataDir: string, result: SampleResult): Promise<void> {
  if (!(await vaultStore.vaultRow(db))?.secret) return
  const derive = await openInstallationSecret(db, provider)
  const spool = createSpool(join(dataDir, 'spool'), derive('spool'))
  const entries = await spool.list()
  result.spoolEntries = entries.length
  const last = entries.at(-1)
  if (last && !(await spool.read(last.id))) result.faults.push(`the spooled tokens of grant ${last.grantId} do not open`)
}

/** Nothing to look at before the first row: then there is no key, and none is made. */
async function goThroughAudit(kysely: Kysely<unknown>, provider: KeyProvider, dataDir: string, result: SampleResult): Promise<void> {
  const { rows } = await sql<{ has: boolean }>`select exists (select from audit_key) as has`.execute(kysely)
  if (!rows[0]!.has) return
  const verdict = await verifyAudit({ kysely, key: await openAuditKey(kysely, provider), folder: join(dataDir, 'audit') })
  result.auditRows = verdict.rows
  result.auditChains = verdict.chains
  for (const { chain, seq, what } of verdict.faults.slice(0, 10))
    result.faults.push(`audit trail: row ${seq ?? '?'} of chain ${chain} ${what}`)
}
