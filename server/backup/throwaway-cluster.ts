/** A PostgreSQL that nobody misses, to try a backup in. */
import { lstatSync, readdirSync, realpathSync, rmSync, statSync } from 'node:fs'
import { mkdtemp } from 'node:fs/promises'
import { tmpdir, userInfo } from 'node:os'
import { dirname, join } from 'node:path'
import { startEmbeddedPostgres, stopEmbeddedPostgres } from '#db/embedded-postgres.ts'

const PREFIX = 'hawser-try-'

export interface ThrowawayCluster {
  url: string
  /** A folder for what belongs to the database; it goes with it. */
  dataDir: string
  remove(): Promise<void>
}

/** Throws where no PostgreSQL is brought along. Also clears away what killed processes of this user have left. */
export async function startThrowaway(): Promise<ThrowawayCluster> {
  await removeLeftOvers()
  const dataDir = await mkdtemp(join(tmpdir(), `${PREFIX}${process.pid}-`))
  try {
    const cluster = await startEmbeddedPostgres({ dataDir, fsync: false, maxConnections: 20 })
    return {
      url: cluster.url,
      dataDir,
      async remove() {
        await cluster.stop()
        await removeCluster(dataDir)
      },
    }
  } catch (error) {
    await removeCluster(dataDir)
    throw error
  }
}

async function removeCluster(dataDir: string): Promise<void> {
  await stopEmbeddedPostgres(dataDir)
  removeClusterFiles(dataDir)
}

/** A data directory whose PostgreSQL is stopped, and as root the folder elsewhere that its link leads to (`postgres-cluster.ts`). */
export function removeClusterFiles(dataDir: string): void {
  const entry = join(dataDir, 'postgres')
  const found = lstatSync(entry, { throwIfNoEntry: false })
  if (found?.isSymbolicLink() && statSync(entry, { throwIfNoEntry: false }))
    rmSync(dirname(realpathSync(entry)), { recursive: true, force: true })
  rmSync(dataDir, { recursive: true, force: true })
}

async function removeLeftOvers(): Promise<void> {
  for (const name of readdirSync(tmpdir())) {
    const pid = name.startsWith(PREFIX) ? Number(/^(\d+)-/.exec(name.slice(PREFIX.length))?.[1]) : 0
    const path = join(tmpdir(), name)
    const owner = pid ? lstatSync(path, { throwIfNoEntry: false }) : undefined
    if (!owner?.isDirectory() || owner.uid !== userInfo().uid || isAlive(pid)) continue
    await removeCluster(path).catch(() => {})
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}
