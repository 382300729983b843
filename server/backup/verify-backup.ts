import type { BackupKey } from './backup-key.ts'
import { openBackup } from './backup-file.ts'
import { vaultKeyAtHand, type KeyAtHand } from './vault-key-at-hand.ts'
import { openSample, type SampleResult, type SealedKind } from './open-sample.ts'
import { readWhole } from './read-whole.ts'
import type { Beginning, Summary } from './records.ts'
import { restoreDatabase } from './restore-database.ts'
import { startThrowaway, type ThrowawayCluster } from './throwaway-cluster.ts'

export interface Verification {
  beginning: Beginning
  summary: Summary
  /** Put into a PostgreSQL of its own, and read back from there. */
  restored: boolean
  migrated: string[]
  sample: SampleResult | undefined
  /** What was not looked at, and why. */
  unchecked: string[]
  /** What is wrong with a file that is whole. */
  faults: string[]
}

export interface VerifyOptions {
  key: BackupKey
  /** False: only reads the file to its end. */
  restore: boolean
  /** Finds the vault key of this id. */
  vaultKey(id: string): Promise<KeyAtHand>
  sealedKinds: readonly SealedKind[]
}

/** @throws DamagedBackup, WrongBackupKey; Error where a restore fails */
export async function verifyBackup(path: string, options: VerifyOptions): Promise<Verification> {
  const cluster = options.restore ? await startThrowaway().catch((error: Error) => error) : undefined
  if (cluster === undefined || cluster instanceof Error) {
    const read = await readWhole(openBackup(path, options.key))
    const why = cluster === undefined ? 'it was not asked for' : cluster.message
    return { ...read, restored: false, migrated: [], sample: undefined, faults: [], unchecked: [`it was not restored for a try: ${why}`] }
  }
  try {
    return await tryOut(path, cluster, options)
  } finally {
    await cluster.remove()
  }
}

async function tryOut(path: string, cluster: ThrowawayCluster, options: VerifyOptions): Promise<Verification> {
  const { beginning, summary, migrated } = await restoreDatabase(openBackup(path, options.key), cluster.url, cluster.dataDir)
  const id = beginning.vaultKey
  const included = summary.files.some((file) => file.path === 'vault.key')
  const { provider, found } = id === undefined ? { found: [], provider: undefined } : await options.vaultKey(id)
  const looked = provider ?? (included && id !== undefined ? await fromBackup(cluster.dataDir, id) : undefined)
  const sample = looked && (await openSample(cluster.url, cluster.dataDir, looked, options.sealedKinds))
  const missing = `secrets and the audit trail: the vault key ${id ?? ''} is not here${found.length > 0 ? ` (here is ${found.join(', ')})` : ''}`
  return {
    ...{ beginning, summary, migrated, sample },
    restored: true,
    faults: sample?.faults ?? [],
    unchecked: sample || id === undefined ? [] : [missing],
  }
}

async function fromBackup(dataDir: string, id: string) {
  return (await vaultKeyAtHand({ dataDir }, id)).provider
}
