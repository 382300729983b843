/** Counts of calls and refreshes by minute, in memory, added to the database's every 10 s. A call costs two look-ups and some additions. */
import type { Kysely } from 'kysely'
import type { Logger } from 'pino'
import { addCounts, addTo, type CountRow } from './counts-store.ts'
import { LATENCY_CLASSES, latencyClassOf } from './latency-classes.ts'

const MINUTE_MS = 60_000
const FLUSH_MS = 10_000
/** Of one process between two writes; what is beyond is counted in its environment's sum alone. */
const MOST_ROWS = 10_000

export interface CallCounts {
  /** `status` 0: no whole answer. `integrationKey` empty: not known. */
  call(environmentId: string, integrationKey: string, status: number, ms: number, now: number): void
  refresh(environmentId: string, integrationKey: string, ok: boolean, now: number): void
  dropped(environmentId: string, now: number): void
  flush(): Promise<void>
  close(): Promise<void>
}

export function createCallCounts({ db, log }: { db: Kysely<unknown>; log: Logger }): CallCounts {
  /** By environment, integration. */
  let rows = new Map<string, Map<string, CountRow>>()
  let size = 0
  let minute = 0
  let unwritten: CountRow[] = []
  let timer: NodeJS.Timeout | undefined
  let writing: Promise<void> | undefined
  let closed = false

  const turnPage = () => {
    // All rows are of one minute.
    for (const ofEnvironment of rows.values()) {
      const sum = sumOf([...ofEnvironment.values()])
      ofEnvironment.delete('')
      unwritten.push(...ofEnvironment.values(), sum)
    }
    rows = new Map()
    size = 0
    // After hours without a database the oldest go.
    if (unwritten.length > 10 * MOST_ROWS) unwritten = unwritten.slice(-10 * MOST_ROWS)
  }

  const rowFor = (environmentId: string, integrationKey: string, now: number): CountRow => {
    const thisMinute = now - (now % MINUTE_MS)
    if (thisMinute !== minute) {
      turnPage()
      minute = thisMinute
    }
    let ofEnvironment = rows.get(environmentId)
    if (!ofEnvironment) rows.set(environmentId, (ofEnvironment = new Map()))
    const key = size < MOST_ROWS ? integrationKey : ''
    let row = ofEnvironment.get(key)
    if (!row) {
      ofEnvironment.set(key, (row = emptyRow(environmentId, key, thisMinute)))
      size++
      if (!closed) timer ??= setTimeout(() => void flush(), FLUSH_MS).unref()
    }
    return row
  }

  const write = async () => {
    clearTimeout(timer)
    timer = undefined
    turnPage()
    const batch = unwritten
    unwritten = []
    try {
      await addCounts(db, batch)
    } catch (error) {
      log.debug({ err: error }, 'counts of calls were not written yet')
      unwritten = [...batch, ...unwritten]
      if (!closed) timer ??= setTimeout(() => void flush(), FLUSH_MS).unref()
    }
  }
  const flush = (): Promise<void> => (writing ??= write().finally(() => (writing = undefined)))

  return {
    call(environmentId, integrationKey, status, ms, now) {
      const row = rowFor(environmentId, integrationKey, now)
      row.calls++
      if (status === 0) row.noAnswer++
      else if (status >= 500) row.serverErrors++
      else if (status >= 400) row.clientErrors++
      row.latency[latencyClassOf(ms)]! += 1
    },
    refresh(environmentId, integrationKey, ok, now) {
      const row = rowFor(environmentId, integrationKey, now)
      if (ok) row.refreshes++
      else row.refreshFailures++
    },
    dropped: (environmentId, now) => void rowFor(environmentId, '', now).dropped++,
    flush,
    async close() {
      closed = true
      await writing
      await flush()
    },
  }
}

/** Not empty, of one environment and minute. */
function sumOf(rows: readonly CountRow[]): CountRow {
  const sum = emptyRow(rows[0]!.environmentId, '', rows[0]!.at)
  for (const row of rows) addTo(sum, row)
  return sum
}

function emptyRow(environmentId: string, integrationKey: string, at: number): CountRow {
  const latency = Array.from({ length: LATENCY_CLASSES.length + 1 }, () => 0)
  const errors = { clientErrors: 0, serverErrors: 0, noAnswer: 0 }
  return { environmentId, integrationKey, at, calls: 0, ...errors, refreshes: 0, refreshFailures: 0, dropped: 0, latency }
}
