import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { prepareTestDatabases, removeTestDatabases } from './test-database.ts'

/** Vitest's global setup: runs once, in the process that outlives all workers. The database server itself is started by the first test that needs it. */
export async function setup(): Promise<() => Promise<void>> {
  // Tests that open pages get the pages of these sources.
  const { status, stderr } = spawnSync(process.execPath, [join(import.meta.dirname, '../scripts/build-web.ts')], { encoding: 'utf8' })
  if (status !== 0) throw new Error(stderr)
  await prepareTestDatabases()
  return removeTestDatabases
}
