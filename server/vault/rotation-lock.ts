import type { Database } from '#db/pool.ts'

/** Names the lock of the one process that rotates keys; the same number in every release. */
const ROTATION_LOCK = 7_283_041_124
/** Within it the connection says something, so that nobody takes it for forgotten. */
const KEEP_ALIVE_MS = 10_000

/**
 * Runs `work` while no other process rotates keys. The lock belongs to a transaction, so that it also holds behind PgBouncer, and goes with the
 * connection when the process is killed. Throws a plain Error if somebody else has it.
 */
export async function underRotationLock<T>(db: Database, work: () => Promise<T>): Promise<T> {
  const client = await db.pool.connect()
  let timer: NodeJS.Timeout | undefined
  try {
    await client.query('begin')
    const { rows } = await client.query<{ got: boolean }>('select pg_try_advisory_xact_lock($1) as got', [ROTATION_LOCK])
    if (rows[0]?.got !== true) throw new Error('another process rotates keys of this database at this moment: wait until it is done')
    // A lost connection only means that another rotation could begin; every write is guarded by what was read.
    timer = setInterval(() => void client.query('select 1').catch(() => {}), KEEP_ALIVE_MS)
    return await work()
  } finally {
    clearInterval(timer)
    // The server hears of a closed connection a little later; whoever comes next must not meet the lock.
    await client.query('rollback').catch(() => {})
    client.release(true)
  }
}
