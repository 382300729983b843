/** Load on one URL: by wrk where it is installed, since it costs a tenth of the CPU; else by undici in this process. */
import { spawn, spawnSync } from 'node:child_process'
import { Pool } from 'undici'

export interface Load {
  url: string
  headers: Record<string, string>
  connections: number
  seconds: number
}

/** Latencies in µs. */
export interface Measured {
  calls: number
  seconds: number
  p50Us: number
  p99Us: number
}

const hasWrk = spawnSync('wrk', ['--version']).error === undefined

/** @throws Error if an answer was not 2xx: a benchmark of error pages is worth nothing. */
export function measure(load: Load): Promise<Measured> {
  return hasWrk ? measureWithWrk(load) : measureHere(load)
}

async function measureWithWrk({ url, headers, connections, seconds }: Load): Promise<Measured> {
  const args = [
    '-t1',
    `-c${connections}`,
    `-d${seconds}s`,
    '--latency',
    ...Object.entries(headers).flatMap(([name, value]) => ['-H', `${name}: ${value}`]),
    url,
  ]
  const child = spawn('wrk', args, { stdio: ['ignore', 'pipe', 'inherit'] })
  let text = ''
  for await (const chunk of child.stdout) text += String(chunk)
  if (/Non-2xx|Socket errors/.test(text)) throw new Error(`wrk met errors at ${url}:\n${text}`)
  const [, calls = '', time = '', unit = ''] = /(\d+) requests in ([\d.]+)(m?s)/.exec(text) ?? []
  return {
    calls: Number(calls),
    seconds: Number(time) / (unit === 'ms' ? 1000 : 1),
    p50Us: latency(text, '50'),
    p99Us: latency(text, '99'),
  }
}

function latency(text: string, percent: string): number {
  const [, value = '', unit = ''] = new RegExp(`${percent}%\\s+([\\d.]+)(us|ms|s)`).exec(text) ?? []
  return Number(value) * (unit === 's' ? 1_000_000 : unit === 'ms' ? 1000 : 1)
}

async function measureHere({ url, headers, connections, seconds }: Load): Promise<Measured> {
  const { origin, pathname, search } = new URL(url)
  const pool = new Pool(origin, { connections })
  const latencies: number[] = []
  const startedAt = performance.now()
  const until = startedAt + seconds * 1000
  const caller = async (): Promise<void> => {
    while (performance.now() < until) {
      const sentAt = performance.now()
      const { statusCode, body } = await pool.request({ path: pathname + search, method: 'GET', headers })
      if (statusCode !== 200) throw new Error(`${url} answered ${statusCode}`)
      await body.dump()
      latencies.push((performance.now() - sentAt) * 1000)
    }
  }
  await Promise.all(Array.from({ length: connections }, caller))
  const took = (performance.now() - startedAt) / 1000
  await pool.destroy()
  latencies.sort((a, b) => a - b)
  const at = (part: number): number => latencies[Math.floor(latencies.length * part)] ?? 0
  return { calls: latencies.length, seconds: took, p50Us: at(0.5), p99Us: at(0.99) }
}
