/** Counts of the proxy, in memory: a call costs two additions and no allocation. */
import { LATENCY_CLASSES, latencyClassOf } from '#activity/latency-classes.ts'
import type { Connections } from '#connections/connections.ts'
import type { LiveConnection } from '#connections/connection.ts'

const MAX_GRANTS = 50_000

export interface ProxyCounts {
  /** Answers by first digit of their status; [0]: the caller hung up, or the answer broke off. */
  readonly byStatusClass: readonly number[]
  /** Calls that took at most the class's ms, not cumulative. */
  readonly byLatency: readonly number[]
  readonly totalMs: number
  /** Calls under way. */
  readonly open: number
}

export interface CallRecord {
  opened: () => void
  /** `status` 0: no whole answer. `live` where the call got as far as its connection. */
  closed: (status: number, ms: number, live: LiveConnection | undefined, now: number) => void
  /** ms since 1970 of the grant's last successful call through this process, which the cached row may not know yet. */
  lastUse: (grantId: string) => number | undefined
  counts: () => ProxyCounts
}

export function createCallRecord(connections: Pick<Connections, 'noteUse'>): CallRecord {
  const byStatusClass = [0, 0, 0, 0, 0, 0]
  const byLatency = Array.from({ length: LATENCY_CLASSES.length + 1 }, () => 0)
  const lastUse = new Map<string, number>()
  let totalMs = 0
  let open = 0
  return {
    opened: () => void open++,
    closed: (status, ms, live, now) => {
      open--
      totalMs += ms
      const statusClass = Math.floor(status / 100)
      byStatusClass[statusClass < 6 ? statusClass : 0]! += 1
      byLatency[latencyClassOf(ms)]! += 1
      if (live?.grant === undefined || status < 200 || status >= 400) return
      // Emptied when full: forgetting costs at most one refresh that was not needed yet.
      if (lastUse.size >= MAX_GRANTS) lastUse.clear()
      lastUse.set(live.grant.id, now)
      connections.noteUse(live)
    },
    lastUse: (grantId) => lastUse.get(grantId),
    counts: () => ({ byStatusClass: [...byStatusClass], byLatency: [...byLatency], totalMs, open }),
  }
}
