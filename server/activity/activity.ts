/**
 * Takes what happened and writes it in batches, behind the answers: recording costs its caller a push to a list. What the database does not take in
 * time is dropped and counted, never waited for.
 */
import type { Logger } from 'pino'
import type { Kysely } from 'kysely'
import type { CallCounts } from './call-counts.ts'
import type { Operation } from './operation.ts'
import { rowOf } from './row-of.ts'
import { insertRows } from './store.ts'

const BATCH = 500
const FLUSH_MS = 250
const RETRY_MS = 1_000
const MOST_BYTES = 8 * 1024 * 1024
const CLOSE_MS = 2_000
const WARN_EVERY_MS = 60_000
/** Of an operation without its longest texts, as it waits in memory. */
const BYTES_OF_ONE = 600

export interface Activity {
  /** Never throws, never waits. */
  record(operation: Operation): void
  /** Writes what waits now, as far as the database takes it. */
  flush(): Promise<void>
  close(): Promise<void>
}

export interface ActivityOptions {
  db: Kysely<unknown>
  log: Logger
  counts: Pick<CallCounts, 'dropped'>
  /** Of the calls that went well, which part is recorded: 0 to 1. */
  successes: number
  bodies: boolean
  random?: () => number
  maxBytes?: number
}

export function createActivity({
  db,
  log,
  counts,
  successes,
  bodies,
  random = Math.random,
  maxBytes = MOST_BYTES,
}: ActivityOptions): Activity {
  let waiting: Operation[] = []
  let bytes = 0
  let timer: NodeJS.Timeout | undefined
  let writing: Promise<void> | undefined
  let closed = false
  let lost = 0
  let warnedAt = -Infinity

  const drop = (operations: readonly Operation[]) => {
    for (const { environmentId, at } of operations) counts.dropped(environmentId, at)
    lost += operations.length
    const now = performance.now()
    if (now - warnedAt < WARN_EVERY_MS) return
    warnedAt = now
    log.warn({ lost }, 'rows of the activity were dropped: the database does not take them in time')
    lost = 0
  }

  /** Returns false if the database did not take the batch. */
  const writeBatch = async (): Promise<boolean> => {
    const batch = waiting.slice(0, BATCH)
    try {
      await insertRows(
        db,
        batch.map((operation) => rowOf(operation, { bodies })),
      )
    } catch (error) {
      if (!isRefusedData(error)) return false
      log.error({ err: error }, 'the database refuses rows of the activity')
      drop(batch)
    }
    waiting = waiting.slice(batch.length)
    for (const operation of batch) bytes -= bytesOf(operation)
    return true
  }

  const write = async (): Promise<void> => {
    clearTimeout(timer)
    timer = undefined
    const until = waiting.length
    let taken = true
    for (let done = 0; taken && done < until; done += BATCH) taken = await writeBatch()
    if (waiting.length > 0 && !closed) later(taken ? FLUSH_MS : RETRY_MS)
  }

  const start = (): Promise<void> => (writing ??= write().finally(() => (writing = undefined)))

  const later = (ms: number) => {
    timer ??= setTimeout(() => void start(), ms).unref()
  }

  return {
    record(operation) {
      if (closed || (operation.kind === 'call' && !operation.failed && successes < 1 && random() >= successes)) return
      const size = bytesOf(operation)
      if (bytes + size > maxBytes) return drop([operation])
      bytes += size
      waiting.push(operation)
      if (writing !== undefined) return
      // Only at the moment the batch is full: while the database is away the timer tries again.
      if (waiting.length === BATCH) void start()
      else if (timer === undefined) later(FLUSH_MS)
    },
    async flush() {
      await writing
      await start()
    },
    async close() {
      closed = true
      const late = new Promise<void>((resolve) => void setTimeout(resolve, CLOSE_MS).unref())
      await Promise.race([this.flush(), late])
      clearTimeout(timer)
      if (waiting.length > 0) drop(waiting)
    },
  }
}

function bytesOf({ path, responseBody, requestHeaders }: Operation): number {
  return BYTES_OF_ONE + (path?.length ?? 0) + (responseBody?.length ?? 0) + (requestHeaders === undefined ? 0 : 2 * BYTES_OF_ONE)
}

/** Classes 22 and 23 of PostgreSQL's codes: trying again would be refused again. */
function isRefusedData(error: unknown): boolean {
  return error instanceof Error && /^2[23]/.test(String((error as { code?: unknown }).code))
}
