import { readdirSync, readFileSync } from 'node:fs'

const TICK_MS = 10

interface Process {
  parent: number
  /** User and system time in ms, with that of children which have ended. */
  cpuMs: number
}

/** Fields 4 and 14 to 17 of proc(5) `stat`, counted behind the name, which may hold spaces. Undefined: it has ended, or this is not Linux. */
function processOf(pid: number): Process | undefined {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ')
    const ticks = [11, 12, 13, 14].reduce((sum, at) => sum + Number(fields[at]), 0)
    return { parent: Number(fields[1]), cpuMs: ticks * TICK_MS }
  } catch {
    return undefined
  }
}

function allProcesses(): Map<number, Process> {
  const found = new Map<number, Process>()
  for (const name of readdirSync('/proc')) {
    const process = /^\d+$/.test(name) ? processOf(Number(name)) : undefined
    if (process) found.set(Number(name), process)
  }
  return found
}

/**
 * CPU time in ms of these processes and everything that descends from them, in steps of 10 ms. A PostgreSQL counts by its postmaster: backends that
 * end in between have handed their time to it.
 */
export function cpuMsOf(roots: readonly number[]): number {
  const all = allProcesses()
  const counted = new Set(roots)
  const belongs = (pid: number): boolean => {
    const parent = all.get(pid)?.parent ?? 0
    return counted.has(pid) || (parent > 1 && belongs(parent))
  }
  let sum = 0
  for (const [pid, { cpuMs }] of all) if (belongs(pid)) sum += cpuMs
  return sum
}

/** Resident memory in MB. */
export function memoryOf(pid: number): number {
  const [, kb] = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? []
  return Math.round(Number(kb ?? 0) / 1024)
}

export function medianOf(numbers: readonly number[]): number {
  const sorted = [...numbers].sort((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)] ?? 0
}
