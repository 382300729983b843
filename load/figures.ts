import { readFileSync } from 'node:fs'

const TICK_MS = 10

/** User and system time of processes in ms (Linux; elsewhere 0), in steps of 10 ms. Fields 14 and 15 of proc(5) `stat`, counted behind the name, which may hold spaces. */
export function cpuMsOf(pids: readonly number[]): number {
  let ticks = 0
  for (const pid of pids) {
    try {
      const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? []
      ticks += Number(fields[11] ?? 0) + Number(fields[12] ?? 0)
    } catch {
      return 0
    }
  }
  return ticks * TICK_MS
}

export function medianOf(numbers: readonly number[]): number {
  const sorted = [...numbers].sort((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)] ?? 0
}
