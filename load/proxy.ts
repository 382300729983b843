/**
 * `npm run bench`: what a proxied call costs, against a direct call, nginx and a bare node:http + undici pass-through in the same run.
 * Ratios and CPU per call are what counts; the load generator's own limit and a shared machine decide the absolute figures.
 * Prints the table and writes it to `results.md` beside this file.
 * Options: `--seconds N` (a measurement, 3), `--rounds N` (3), `--json` (prints only).
 */
import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { cpus, loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { measure } from './measure.ts'
import type { Measured } from './measure.ts'
import { cpuMsOf, medianOf } from './figures.ts'

interface Contender {
  name: string
  url: string
  headers: Record<string, string>
  /** All processes of the product; their CPU time counts. */
  pids: number[]
}

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '3' },
    rounds: { type: 'string', default: '3' },
    json: { type: 'boolean', default: false },
  },
})
const seconds = Number(values.seconds)
const rounds = Number(values.rounds)
const children: ChildProcess[] = []
const folder = mkdtempSync(join(tmpdir(), 'hawser-bench-'))

/** Starts a script of this folder; it prints one line of JSON when it is ready. */
function start(
  script: string,
  ...args: string[]
): Promise<{ pid: number; ready: { port: number; headers?: Record<string, string>; path?: string } }> {
  const child = spawn(process.execPath, [join(import.meta.dirname, script), ...args], { stdio: ['ignore', 'pipe', 'inherit'] })
  children.push(child)
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`${script} did not start within 20 s`)), 20_000)
    child.on('exit', (code) => reject(new Error(`${script} ended with ${code}`)))
    child.stdout.once('data', (line: Buffer) => {
      clearTimeout(timer)
      resolve({ pid: child.pid ?? 0, ready: JSON.parse(line.toString()) })
    })
  })
}

async function startNginx(upstreamPort: number, port: number): Promise<Contender | undefined> {
  if (!existsSync('/usr/sbin/nginx')) return undefined
  const config = join(folder, 'nginx.conf')
  writeFileSync(
    config,
    `daemon off; master_process off; pid ${folder}/nginx.pid; error_log /dev/null; events {}
http { access_log off; client_body_temp_path ${folder}/b; proxy_temp_path ${folder}/p; fastcgi_temp_path ${folder}/f; uwsgi_temp_path ${folder}/u; scgi_temp_path ${folder}/s;
upstream up { server 127.0.0.1:${upstreamPort}; keepalive 64; }
server { listen 127.0.0.1:${port}; keepalive_requests 1000000000; location / { proxy_pass http://up; proxy_http_version 1.1; proxy_set_header Connection ""; } } }`,
  )
  const child = spawn('/usr/sbin/nginx', ['-c', config, '-p', folder], { stdio: 'ignore' })
  children.push(child)
  return { name: 'nginx', url: `http://127.0.0.1:${port}/services/data`, headers: {}, pids: [child.pid ?? 0] }
}

async function contenders(): Promise<Contender[]> {
  const upstream = await start('upstream.ts')
  const port = String(upstream.ready.port)
  const bare = await start('pass-through.ts', port)
  const hawser = await start('hawser.ts', port)
  const nginx = await startNginx(upstream.ready.port, upstream.ready.port + 1)
  const at = (name: string, { pid, ready }: Awaited<ReturnType<typeof start>>): Contender => ({
    name,
    url: `http://127.0.0.1:${ready.port}${ready.path ?? '/services/data'}`,
    headers: ready.headers ?? {},
    pids: [pid],
  })
  return [at('direct', upstream), ...(nginx ? [nginx] : []), at('pass-through', bare), at('Hawser', hawser)]
}

interface Row {
  name: string
  connections: number
  perSecond: number
  p50Us: number
  p99Us: number
  cpuMsPerCall: number
}

async function measureOne({ name, url, headers, pids }: Contender, connections: number): Promise<Row> {
  const before = cpuMsOf(pids)
  const result: Measured = await measure({ url, headers, connections, seconds })
  const cpu = cpuMsOf(pids) - before
  return {
    name,
    connections,
    perSecond: result.calls / result.seconds,
    p50Us: result.p50Us,
    p99Us: result.p99Us,
    cpuMsPerCall: cpu / result.calls,
  }
}

async function run(): Promise<Row[]> {
  const all = await contenders()
  for (const contender of all) await measure({ ...contender, connections: 32, seconds: 1 })
  const rows: Row[] = []
  // Interleaved: a busy minute of the machine hits all alike.
  for (let at = 0; at < rounds; at++)
    for (const connections of [1, 32]) for (const contender of all) rows.push(await measureOne(contender, connections))
  return [1, 32].flatMap((connections) =>
    all.map(({ name }) => {
      const own = rows.filter((row) => row.name === name && row.connections === connections)
      const median = (key: 'perSecond' | 'p50Us' | 'p99Us' | 'cpuMsPerCall') => medianOf(own.map((row) => row[key]))
      return {
        name,
        connections,
        perSecond: median('perSecond'),
        p50Us: median('p50Us'),
        p99Us: median('p99Us'),
        cpuMsPerCall: median('cpuMsPerCall'),
      }
    }),
  )
}

function tableOf(rows: Row[]): string {
  const cpu =
    /model name\s*: (.*)/.exec(existsSync('/proc/cpuinfo') ? readFileSync('/proc/cpuinfo', 'utf8') : '')?.[1] ?? 'unknown processor'
  const lines = [
    `Medians of ${rounds} interleaved rounds of ${seconds} s, 1 KB of JSON. Node ${process.version}, ${cpus().length} × ${cpu}, load average at the end ${loadavg()[0]?.toFixed(1)}, ${new Date().toISOString().slice(0, 10)}.`,
    '',
    '| connections | what | requests/s | against pass-through | p50 | p99 | CPU per call |',
    '| ---: | --- | ---: | ---: | ---: | ---: | ---: |',
  ]
  for (const row of rows) {
    const bare = rows.find((other) => other.name === 'pass-through' && other.connections === row.connections)
    const ratio = bare ? (row.perSecond / bare.perSecond).toFixed(2) : ''
    const ms = [`${(row.p50Us / 1000).toFixed(2)} ms`, `${(row.p99Us / 1000).toFixed(2)} ms`, `${row.cpuMsPerCall.toFixed(3)} ms`]
    lines.push(`| ${[row.connections, row.name, Math.round(row.perSecond), ratio, ...ms].join(' | ')} |`)
  }
  lines.push('', '"direct" is the upstream alone; its CPU is the upstream’s. "pass-through" is node:http and undici with nothing else.')
  return lines.join('\n')
}

try {
  const rows = await run()
  if (values.json) console.log(JSON.stringify({ date: new Date().toISOString(), node: process.version, seconds, rounds, rows }, null, 2))
  else {
    const table = tableOf(rows)
    console.log(table)
    writeFileSync(join(import.meta.dirname, 'results.md'), `# What a proxied call costs\n\nWritten by \`npm run bench\`.\n\n${table}\n`)
  }
} finally {
  for (const child of children) child.kill('SIGKILL')
  rmSync(folder, { recursive: true, force: true })
}
