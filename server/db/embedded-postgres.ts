/**
 * Runs a real PostgreSQL beside this process: the store of a machine without `DATABASE_URL`.
 *
 * The data directory decides which server: processes started on the same directory join the one that runs. The server outlives a process that
 * is killed, and is stopped by the last one that leaves. Each process holds a shared advisory lock while it uses the server; only who can turn
 * it into an exclusive one is the last. The locks go with the connections, so a killed process leaves nothing behind to clean up.
 */
import { existsSync, mkdirSync } from 'node:fs'
import { resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { privateDirectory } from '#db/private-directory.ts'
import { checkClusterVersion, findOrCreateCluster, type Cluster } from '#db/postgres-cluster.ts'
import { postgresBinaries } from '#db/postgres-binaries.ts'
import {
  forgetReusedPid,
  PORT,
  readPostmaster,
  spawnPostmaster,
  stopPostmaster,
  type Attempt,
  type PostmasterSettings,
} from '#db/postmaster.ts'

const START_TIMEOUT_MS = 60_000
const ANSWER_TIMEOUT_MS = 10_000
const RESTART_PAUSE_MS = 1_000
/** How often a start may fail for a reason that waiting does not mend. */
const ATTEMPTS = 3
/** Names the lock of those who use the server; the same number in every release. */
const USERS_LOCK = 7_283_041_122
/** What a start says while another process's server runs, or the backends of a killed one still go down: worth waiting for. */
const PASSING = /postmaster\.pid" already exists|pre-existing shared memory block|is another postmaster/

export interface EmbeddedPostgresOptions {
  /** Made (0700) if it is not there. The files are in `<dataDir>/postgres`, see `postgres-cluster.ts` for root. */
  dataDir: string
  /** False for tests only: after a power cut the data may be broken. */
  fsync?: boolean
  /** Default 100. Counts for the process that starts the server, not for those that join. */
  maxConnections?: number
  /** Where the files lie when this process is root; default `/var/lib/hawser`. */
  rootHome?: string
  /** Hears when the server ended by itself and was started again, or could not be. */
  onRestart?: (message: string) => void
}

export interface EmbeddedPostgres {
  /** `postgres://` address over a unix socket, for node-postgres. It stays the same when the server is started again. */
  url: string
  /** Leaves the server, and stops it if nobody else uses it. */
  stop(): Promise<void>
}

interface Server {
  native: string
  cluster: Cluster
  settings: PostmasterSettings
}

/** Starts the PostgreSQL of a data directory, or joins it. Throws an Error that says what PostgreSQL said, and what to do. */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const server = prepare(options)
  let user = await join(server)
  let stopped: Promise<void> | undefined

  const watch = () =>
    user.client.once('end', () => {
      if (!stopped) void rejoin()
    })
  let restartedAt = 0
  const rejoin = async () => {
    // A server that cannot stay up is not started over and over without a pause.
    if (Date.now() - restartedAt < RESTART_PAUSE_MS) await sleep(RESTART_PAUSE_MS, undefined, { ref: false })
    while (!stopped) {
      try {
        user = await join(server)
        if (stopped) return void (await leave(server, user.client))
        restartedAt = Date.now()
        watch()
        options.onRestart?.('PostgreSQL had ended and was started again')
        return
      } catch (error) {
        options.onRestart?.(`PostgreSQL has ended and does not start: ${(error as Error).message}`)
        await sleep(RESTART_PAUSE_MS, undefined, { ref: false })
      }
    }
  }
  watch()
  return { url: user.url, stop: () => (stopped ??= leave(server, user.client)) }
}

/** Stops the server of a data directory whoever uses it. Nothing happens if none runs. */
export async function stopEmbeddedPostgres(dataDir: string): Promise<void> {
  const entry = resolve(dataDir, 'postgres')
  const running = existsSync(entry) ? readPostmaster({ path: entry }) : undefined
  if (running) await stopPostmaster({ path: entry }, running)
}

function prepare(options: EmbeddedPostgresOptions): Server {
  const fsync = options.fsync ?? true
  const rootHome = options.rootHome ?? '/var/lib/hawser'
  mkdirSync(options.dataDir, { recursive: true, mode: 0o700 })
  const cluster = findOrCreateCluster(
    options.dataDir,
    rootHome,
    (owner) => postgresBinaries(owner, owner ? rootHome : options.dataDir),
    fsync,
  )
  const { native, major } = postgresBinaries(cluster.owner, cluster.owner ? rootHome : options.dataDir)
  checkClusterVersion(cluster, major)
  return { native, cluster, settings: { fsync, maxConnections: options.maxConnections ?? 100 } }
}

/** node-postgres has these two; its types do not. */
type LockHolder = pg.Client & { ref(): void; unref(): void }

interface User {
  url: string
  /** Holds the shared lock; its end is the server's. */
  client: LockHolder
}

/** Becomes a user of the server, and starts it if nobody answers: of processes that do so at once, PostgreSQL lets one through. */
async function join(server: Server): Promise<User> {
  const deadline = Date.now() + START_TIMEOUT_MS
  let attempt: Attempt | undefined
  let failures = 0
  for (;;) {
    const running = readPostmaster(server.cluster)
    const sockets = running?.sockets ?? server.cluster.sockets
    // Else whoever made the directory first, say after a reboot emptied /tmp, would answer in the server's place.
    if (existsSync(sockets)) privateDirectory(sockets, server.cluster.owner)
    const user = await becomeUser(sockets)
    if ('client' in user) {
      attempt?.release()
      return user
    }
    const ended = attempt?.ended()
    if (ended !== undefined && !PASSING.test(ended) && ++failures >= ATTEMPTS) throw startFailure(server.cluster, ended)
    if (Date.now() > deadline) throw startFailure(server.cluster, ended ?? user.reason)
    if (ended !== undefined) forgetReusedPid(server.cluster)
    if (user.gone && (!attempt || ended !== undefined)) attempt = spawnPostmaster(server.native, server.cluster, server.settings)
    await sleep(15)
  }
}

function startFailure(cluster: Cluster, reason: string): Error {
  const lastLines = reason.split('\n').slice(-5).join('\n')
  return new Error(`PostgreSQL did not start (its log is ${cluster.log}): ${lastLines}`)
}

/** Answers why not, if it is not possible now: `gone` where no server listens, else the server's words (it starts, recovers or stops). */
async function becomeUser(sockets: string): Promise<User | { gone: boolean; reason: string }> {
  const url = `postgres://postgres@localhost/postgres?host=${encodeURIComponent(sockets)}&port=${PORT}`
  const client = new pg.Client({
    connectionString: url,
    application_name: 'hawser-user',
    connectionTimeoutMillis: ANSWER_TIMEOUT_MS,
    query_timeout: ANSWER_TIMEOUT_MS,
  }) as LockHolder
  // The server's end is noticed by 'end'; without a listener for 'error' it would end this process too.
  client.on('error', () => {})
  try {
    await client.connect()
    // Waits while the last user stops the server; the connection ends with it, and the next round starts it again.
    await client.query('select pg_advisory_lock_shared($1)', [USERS_LOCK])
    client.unref()
    return { url, client }
  } catch (error) {
    await client.end().catch(() => {})
    const { code, message } = error as NodeJS.ErrnoException
    return { gone: code === 'ENOENT' || code === 'ECONNREFUSED', reason: message }
  }
}

async function leave(server: Server, client: LockHolder): Promise<void> {
  client.ref()
  const isLast = await becomeOnlyUser(client)
  const running = readPostmaster(server.cluster)
  try {
    if (isLast && running) await stopPostmaster(server.cluster, running)
  } finally {
    await client.end().catch(() => {})
  }
}

/** False also where the connection is gone, and with it the server: nothing is left to stop. */
async function becomeOnlyUser(client: pg.Client): Promise<boolean> {
  try {
    await client.query('select pg_advisory_unlock_shared($1)', [USERS_LOCK])
    const { rows } = await client.query<{ got: boolean }>('select pg_try_advisory_lock($1) as got', [USERS_LOCK])
    return rows[0]?.got ?? false
  } catch {
    return false
  }
}
