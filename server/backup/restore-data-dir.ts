/** A backup as a new data directory with the embedded database: built aside, and under its name only when it is whole. */
import { lstatSync, realpathSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, rename, writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { startEmbeddedPostgres, stopEmbeddedPostgres } from '#db/embedded-postgres.ts'
import { syncDirectory } from '#vault/sync-directory.ts'
import type { BackupRecord } from './records.ts'
import { restoreDatabase, TargetInUse, type Restored } from './restore-database.ts'
import { removeClusterFiles } from './throwaway-cluster.ts'

/** `whenIn` runs on the restored database before it gets its name. @throws TargetInUse, and what `restoreDatabase` throws; then nothing is left */
export async function restoreDataDir<T>(
  records: () => AsyncIterable<BackupRecord>,
  dataDir: string,
  whenIn: (restored: Restored, place: { url: string; dataDir: string }) => Promise<T>,
): Promise<{ restored: Restored; result: T }> {
  await refuseFull(dataDir)
  await mkdir(dirname(dataDir), { recursive: true })
  const aside = await mkdtemp(join(dirname(dataDir), `.${basename(dataDir)}-restoring-`))
  try {
    const cluster = await startEmbeddedPostgres({ dataDir: aside })
    let done: { restored: Restored; result: T }
    try {
      const restored = await restoreDatabase(records(), cluster.url, aside)
      done = { restored, result: await whenIn(restored, { url: cluster.url, dataDir: aside }) }
    } finally {
      await cluster.stop()
    }
    await refuseFull(dataDir)
    // A directory takes the place of an empty one.
    await rename(aside, dataDir)
    await syncDirectory(dirname(dataDir))
    await noteNewPlace(dataDir)
    return done
  } catch (error) {
    await stopEmbeddedPostgres(aside).catch(() => {})
    removeClusterFiles(aside)
    throw error
  }
}

async function refuseFull(dataDir: string): Promise<void> {
  const names = await readdir(dataDir).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return []
    throw error
  })
  if (names.length > 0) throw new TargetInUse(`${dataDir} is not empty: restore into a new data directory (--data-dir)`)
}

/** As root the database lies elsewhere, with a note of whose it is (`postgres-cluster.ts`). */
async function noteNewPlace(dataDir: string): Promise<void> {
  const entry = join(dataDir, 'postgres')
  if (!lstatSync(entry).isSymbolicLink()) return
  await writeFile(join(dirname(realpathSync(entry)), 'data-directory'), `${realpathSync(dataDir)}\n`)
}
