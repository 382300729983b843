import { Kysely, PostgresDialect } from 'kysely'
import pg from 'pg'
import { PRODUCT } from '#lib/product.ts'

const STATEMENT_TIMEOUT_MS = 15_000
/** How much later than PostgreSQL the client gives up by itself, when server or network do not answer at all. */
const CLIENT_GRACE_MS = 5_000
/** For a new connection as well as for waiting on a free one. */
const CONNECT_TIMEOUT_MS = 5_000
const CLOSE_TIMEOUT_MS = 5_000
const OLDEST_MAJOR = 15
const SET_CLOCK = `select set_config('hawser.clock_offset_ms', $1, false)`

export interface DatabaseOptions {
  /** `postgres://…`; a unix socket is `postgres://user@localhost/name?host=/folder&port=5432`. */
  url: string
  /** Most connections at once; default 10. */
  max?: number
  /** Tests only: what `hawser_now()` adds to the clock, in ms; `setClockOffset` changes it later. */
  clockOffsetMs?: number
  /** A statement that runs longer is cancelled; a transaction left alone for twice as long is ended, with its locks. Default 15 s. */
  statementTimeoutMs?: number
  /** Shown in `pg_stat_activity`. */
  applicationName?: string
}

export interface Database {
  kysely: Kysely<unknown>
  pool: pg.Pool
  /** Statements sent so far, `begin` and `commit` among them: tests hold hot paths against it. */
  readonly statements: number
  /** Moves `hawser_now()` for every connection from its next checkout on. Throws unless the database was opened with `clockOffsetMs`. */
  setClockOffset(ms: number): void
  /** Ends all connections; gives up waiting for those still in use after 5 s. */
  close(): Promise<void>
}

/**
 * Opens one pool, and proves that a fit PostgreSQL (15 or newer) answers.
 * Throws an Error in plain words, without the password, if none does.
 */
export async function openDatabase(options: DatabaseOptions): Promise<Database> {
  const count = { sent: 0 }
  const pool = await answeringPool(options, count)
  count.sent = 0
  const clock = options.clockOffsetMs === undefined ? undefined : followClock(pool, options.clockOffsetMs)
  const kysely = new Kysely<unknown>({ dialect: new PostgresDialect({ pool }) })
  let closing: Promise<void> | undefined
  return {
    kysely,
    pool,
    get statements() {
      return count.sent
    },
    setClockOffset(ms) {
      if (!clock) throw new Error('the clock moves only in a database that was opened with clockOffsetMs')
      clock.offsetMs = ms
    },
    close: () => (closing ??= endWithin(pool, CLOSE_TIMEOUT_MS)),
  }
}

/** `int8` (counts, identities) as a number: none of ours comes near 2^53, and one beyond fails loudly instead of being rounded. */
const types: pg.CustomTypesConfig = {
  getTypeParser: ((oid: number, format?: 'text' | 'binary') =>
    oid === pg.types.builtins.INT8 && format !== 'binary'
      ? safeInteger
      : pg.types.getTypeParser(oid, format as 'text')) as pg.CustomTypesConfig['getTypeParser'],
}

function safeInteger(text: string): number {
  const value = Number(text)
  if (!Number.isSafeInteger(value)) throw new RangeError(`int8 beyond 2^53 from the database: ${text}`)
  return value
}

async function answeringPool(options: DatabaseOptions, count: { sent: number }): Promise<pg.Pool> {
  const deadline = options.statementTimeoutMs ?? STATEMENT_TIMEOUT_MS
  const limits = { statement_timeout: deadline, idle_in_transaction_session_timeout: 2 * deadline }
  const pool = makePool(options, limits, count)
  try {
    await checkVersion(pool)
    return pool
  } catch (error) {
    await endWithin(pool, CLOSE_TIMEOUT_MS)
    if (!isRefusedStartupParameter(error)) throw error
  }
  // PgBouncer refuses both limits as startup parameters; the client's own deadline still holds there.
  const plain = makePool(options, {}, count)
  try {
    await checkVersion(plain)
    return plain
  } catch (error) {
    await endWithin(plain, CLOSE_TIMEOUT_MS)
    throw error
  }
}

function makePool(options: DatabaseOptions, limits: pg.PoolConfig, count: { sent: number }): pg.Pool {
  const pool = new pg.Pool({
    connectionString: options.url,
    max: options.max ?? 10,
    application_name: options.applicationName ?? PRODUCT.toLowerCase(),
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    query_timeout: (options.statementTimeoutMs ?? STATEMENT_TIMEOUT_MS) + CLIENT_GRACE_MS,
    idleTimeoutMillis: 60_000,
    keepAlive: true,
    types,
    ...limits,
  })
  // A connection that breaks while idle, or between two statements of a transaction, has no caller to tell; without
  // listeners it would end the process. The pool drops it by itself, and the next statement on it fails.
  pool.on('error', () => {})
  pool.on('connect', (client) => {
    client.on('error', () => {})
    countStatements(client, count)
  })
  return pool
}

async function checkVersion(pool: pg.Pool): Promise<void> {
  let version: string
  try {
    const { rows } = await pool.query<{ server_version: string }>('show server_version')
    version = rows[0]?.server_version ?? ''
  } catch (error) {
    if (isRefusedStartupParameter(error)) throw error
    throw new Error(`PostgreSQL (${placeOf(pool)}) does not answer: ${reasonOf(error)}`, { cause: error })
  }
  if (Number.parseInt(version, 10) < OLDEST_MAJOR) {
    throw new Error(`PostgreSQL ${version} (${placeOf(pool)}) is too old: ${PRODUCT} needs ${OLDEST_MAJOR} or newer`)
  }
}

function isRefusedStartupParameter(error: unknown): boolean {
  return error instanceof Error && /unsupported startup parameter/i.test(error.message)
}

/** Host, port and name of the database, never user or password. */
function placeOf(pool: pg.Pool): string {
  const { host, port, database } = new pg.Client({ connectionString: pool.options.connectionString ?? '' })
  return `${host}:${port}/${database ?? ''}`
}

function reasonOf(error: unknown): string {
  // A name with several addresses fails with an AggregateError, whose own message is empty.
  if (error instanceof AggregateError) return error.errors.map(reasonOf).join(', ')
  return error instanceof Error ? error.message : String(error)
}

function countStatements(client: pg.PoolClient, count: { sent: number }): void {
  const query = client.query.bind(client) as (...args: unknown[]) => unknown
  client.query = ((...args: unknown[]) => {
    if (args[0] !== SET_CLOCK) count.sent += 1
    return query(...args)
  }) as typeof client.query
}

type ConnectCallback = (error: Error | undefined, client: pg.PoolClient | undefined, release: (destroy?: boolean | Error) => void) => void

/** Gives each connection the current offset at its checkout, if it has another one. `pool.query` takes its connection by callback. */
function followClock(pool: pg.Pool, offsetMs: number): { offsetMs: number } {
  const clock = { offsetMs }
  const applied = new WeakMap<pg.PoolClient, number>()
  const connect = pool.connect.bind(pool) as () => Promise<pg.PoolClient>
  const connectOnTime = async () => {
    const client = await connect()
    const wanted = clock.offsetMs
    if (applied.get(client) === wanted) return client
    try {
      await client.query(SET_CLOCK, [String(wanted)])
    } catch (error) {
      client.release(true)
      throw error
    }
    applied.set(client, wanted)
    return client
  }
  pool.connect = ((callback?: ConnectCallback) => {
    const ready = connectOnTime()
    if (!callback) return ready
    ready.then(
      (client) => callback(undefined, client, client.release),
      (error: Error) => callback(error, undefined, () => {}),
    )
    return undefined
  }) as typeof pool.connect
  return clock
}

async function endWithin(pool: pg.Pool, ms: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const givenUp = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms)
  })
  await Promise.race([pool.end(), givenUp])
  clearTimeout(timer)
}
