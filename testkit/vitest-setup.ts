import { prepareTestDatabases, removeTestDatabases } from './test-database.ts'

/** Vitest's global setup: runs once, in the process that outlives all workers. The database server itself is started by the first test that needs it. */
export async function setup(): Promise<() => Promise<void>> {
  await prepareTestDatabases()
  return removeTestDatabases
}
