import { readFileSync } from 'node:fs'
import { cpus, loadavg } from 'node:os'

/** What one part of the benchmark found: Markdown for people, figures for programs. */
export interface Section {
  title: string
  text: string
  figures: unknown
}

/** A Markdown table: the first column to the left, the others to the right. */
export function table(heads: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  const line = (cells: readonly (string | number)[]): string => `| ${cells.join(' | ')} |`
  return [line(heads), line(heads.map((_, at) => (at === 0 ? '---' : '---:'))), ...rows.map(line)].join('\n')
}

export interface Machine {
  date: string
  node: string
  processor: string
  cores: number
  /** Load averages over a minute, before and after. Above the number of cores, others were at work here too, or we were short of CPU ourselves. */
  loadBefore: number
  loadAfter: number
}

export function machine(loadBefore: number): Machine {
  return {
    date: new Date().toISOString().slice(0, 10),
    node: process.version,
    processor: processorName(),
    cores: cpus().length,
    loadBefore,
    loadAfter: loadNow(),
  }
}

export function loadNow(): number {
  return Math.round((loadavg()[0] ?? 0) * 10) / 10
}

export function describe({ date, node, processor, cores, loadBefore, loadAfter }: Machine): string {
  return `${date}, Node ${node}, ${cores} × ${processor}, load average ${loadBefore} before and ${loadAfter} after.`
}

/** Node does not know it on every machine. */
function processorName(): string {
  try {
    return /model name\s*: (.*)/.exec(readFileSync('/proc/cpuinfo', 'utf8'))?.[1] ?? 'unknown processor'
  } catch {
    return cpus()[0]?.model ?? 'unknown processor'
  }
}
