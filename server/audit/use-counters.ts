import type { AuditEntry } from './chain.ts'

export const MAX_COUNTERS = 100_000
const MINUTE_MS = 60_000

interface Counter {
  environmentId: string
  /** Undefined: counted for the environment alone, since there was no room for more. */
  keyId: string | undefined
  connectionId: string | undefined
  minute: number
  count: number
}

export interface UseCounters {
  count(keyId: string, environmentId: string, connectionId: string, nowMs: number): void
  /** Empties the counters. */
  take(): Counter[]
  /** Adds counters that could not be written. */
  putBack(counters: readonly Counter[]): void
  readonly size: number
}

/**
 * Uses per key, connection and minute. Beyond `limit` counters a use is still counted, but only for its environment: a long outage of the database
 * costs detail, never the count.
 */
export function createUseCounters(limit = MAX_COUNTERS): UseCounters {
  let counters = new Map<string, Counter>()

  const add = (keyId: string | undefined, environmentId: string, connectionId: string | undefined, minute: number, count: number): void => {
    const id = keyId === undefined ? `${minute}/${environmentId}` : `${minute}/${keyId}/${connectionId}`
    const counter = counters.get(id)
    if (counter) counter.count += count
    else if (counters.size < limit || keyId === undefined) counters.set(id, { environmentId, keyId, connectionId, minute, count })
    // Minute 0: one counter an environment, however long it lasts.
    else add(undefined, environmentId, undefined, 0, count)
  }

  return {
    count: (keyId, environmentId, connectionId, nowMs) => add(keyId, environmentId, connectionId, Math.floor(nowMs / MINUTE_MS), 1),
    take() {
      const taken = [...counters.values()]
      counters = new Map()
      return taken
    },
    putBack(taken) {
      for (const { keyId, environmentId, connectionId, minute, count } of taken) add(keyId, environmentId, connectionId, minute, count)
    },
    get size() {
      return counters.size
    },
  }
}

/** `at` is the time of the flush; `subject.minute` the minute of the calls, absent where that detail was lost. */
export function entryOfUse({ environmentId, keyId, connectionId, minute, count }: Counter, now: number): AuditEntry {
  const subject =
    keyId === undefined ? { detail: 'lost' } : { connection: connectionId, minute: new Date(minute * MINUTE_MS).toISOString() }
  const actor = keyId === undefined ? { kind: 'key' } : { kind: 'key', id: keyId }
  return { environmentId, at: new Date(now), actor, action: 'credentials.used', subject, count }
}
