/** Load on one server: by wrk where it is installed, since it costs a tenth of the CPU; else by undici in this process. */
import { spawn, spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Pool } from 'undici'
import { temporaryFolder } from './children.ts'

export interface Load {
  url: string
  headers: Record<string, string>
  connections: number
  /** Whole ones. */
  seconds: number
  /** Asked for in turn, or each by its own callers, in place of `url` and `headers`, on the server of `url`. */
  inTurn?: readonly { path: string; headers: Record<string, string> }[]
}

/**
 * As `measure`, with seconds before that do not count and after which connections stay open: wrk would close them, and with them all calls under way.
 * From this process, in which each call costs about as much as in the one that is measured. Callers begin one after the other.
 */
export interface WarmLoad extends Load {
  warmSeconds: number
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

async function measureWithWrk({ url, headers, connections, seconds, inTurn }: Load): Promise<Measured> {
  const args = [
    '-t1',
    `-c${connections}`,
    `-d${seconds}s`,
    '--timeout',
    '30s',
    '--latency',
    ...(inTurn ? ['-s', scriptFor(inTurn)] : Object.entries(headers).flatMap(([name, value]) => ['-H', `${name}: ${value}`])),
    url,
  ]
  const child = spawn('wrk', args, { stdio: ['ignore', 'pipe', 'inherit'] })
  let text = ''
  for await (const chunk of child.stdout) text += String(chunk)
  if (/Non-2xx|Socket errors/.test(text)) throw new Error(`wrk met errors at ${url}:\n${text}`)
  const [found, calls = '', time = '', unit = ''] = /(\d+) requests in ([\d.]+)(ms|s|m)/.exec(text) ?? []
  if (found === undefined) throw new Error(`wrk measured nothing at ${url}:\n${text}`)
  return {
    calls: Number(calls),
    seconds: Number(time) * (unit === 'ms' ? 0.001 : unit === 'm' ? 60 : 1),
    p50Us: latency(text, '50'),
    p99Us: latency(text, '99'),
  }
}

function latency(text: string, percent: string): number {
  const [, value = '', unit = ''] = new RegExp(`${percent}%\\s+([\\d.]+)(us|ms|s)`).exec(text) ?? []
  return Number(value) * (unit === 's' ? 1_000_000 : unit === 'ms' ? 1000 : 1)
}

/** A JSON text is a Lua text too, as far as URLs and headers go. */
function scriptFor(inTurn: NonNullable<Load['inTurn']>): string {
  const formatted = inTurn.map(({ path, headers }) => {
    const pairs = Object.entries(headers).map(([name, value]) => `[${JSON.stringify(name)}]=${JSON.stringify(value)}`)
    return `  requests[#requests + 1] = wrk.format("GET", ${JSON.stringify(path)}, {${pairs.join(', ')}})`
  })
  const script = join(temporaryFolder(), 'in-turn.lua')
  writeFileSync(
    script,
    `local requests, at = {}, 0
function init()
${formatted.join('\n')}
end
function request()
  at = at % #requests + 1
  return requests[at]
end
`,
  )
  return script
}

async function measureHere(load: Load): Promise<Measured> {
  return measureWarm({ ...load, warmSeconds: 0 }, () => {})
}

/** `onWarm`: when counting begins. */
export async function measureWarm(load: WarmLoad, onWarm: () => void): Promise<Measured> {
  const { url, headers, connections, seconds, warmSeconds, inTurn } = load
  const { origin, pathname, search } = new URL(url)
  const requests = inTurn ?? [{ path: pathname + search, headers }]
  const pool = new Pool(origin, { connections, connect: { rejectUnauthorized: false, timeout: 60_000 } })
  const latencies: number[] = []
  const warmAt = performance.now() + warmSeconds * 1000
  const until = warmAt + seconds * 1000
  const caller = async (which: number): Promise<void> => {
    // Always the same: as many calls of each are under way at any time.
    const request = requests[which % requests.length]!
    await sleep((which / connections) * warmSeconds * 500)
    while (performance.now() < until) {
      const sentAt = performance.now()
      const { statusCode, body } = await pool.request({ ...request, method: 'GET' })
      if (statusCode !== 200) throw new Error(`${origin}${request.path} answered ${statusCode}`)
      await body.dump()
      if (sentAt >= warmAt) latencies.push((performance.now() - sentAt) * 1000)
    }
  }
  const warm = sleep(warmSeconds * 1000).then(onWarm)
  await Promise.all([warm, ...Array.from({ length: connections }, (_, which) => caller(which))])
  const took = (performance.now() - warmAt) / 1000
  await pool.destroy()
  latencies.sort((a, b) => a - b)
  const percentile = (part: number): number => latencies[Math.floor(latencies.length * part)] ?? 0
  return { calls: latencies.length, seconds: took, p50Us: percentile(0.5), p99Us: percentile(0.99) }
}
