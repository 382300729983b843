/** Programs that a benchmark starts, all ended with it. */
import { spawn, type ChildProcess } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const START_TIMEOUT_MS = 60_000
const END_TIMEOUT_MS = 20_000

export interface Child<Ready> {
  pid: number
  ready: Ready
  /** SIGTERM, and SIGKILL if that does nothing for 20 s. */
  end(): Promise<void>
}

const running = new Set<ChildProcess>()
const cleanUps: (() => void)[] = []

/** Runs once everything that was started has ended. */
export function whenAllEnded(cleanUp: () => void): void {
  cleanUps.push(cleanUp)
}

/** Removed at the end. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'hawser-bench-'))
  whenAllEnded(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** Any program. Ends with the benchmark. */
export function startProgram(path: string, args: readonly string[], env: Record<string, string>): Pick<Child<undefined>, 'pid' | 'end'> {
  const child = spawn(path, args, { stdio: ['ignore', 'ignore', 'inherit'], env: { ...cleanEnvironment(), ...env } })
  running.add(child)
  child.once('exit', () => running.delete(child))
  return { pid: child.pid!, end: () => end(child) }
}

/** Starts a script of this folder. It prints one line of JSON when it is ready, and ends with its standard input. */
export async function startScript<Ready>(script: string, input: unknown, env: Record<string, string> = {}): Promise<Child<Ready>> {
  // BENCH_NODE_OPTIONS=--cpu-prof profiles all of them.
  const flags = ['--disable-warning=ExperimentalWarning', ...(process.env['BENCH_NODE_OPTIONS']?.split(' ').filter(Boolean) ?? [])]
  const child = spawn(process.execPath, [...flags, join(import.meta.dirname, script), JSON.stringify(input)], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { ...cleanEnvironment(), ...env },
  })
  running.add(child)
  const { promise, resolve, reject } = Promise.withResolvers<Ready>()
  const timer = setTimeout(() => reject(new Error(`${script} did not start within ${START_TIMEOUT_MS / 1000} s`)), START_TIMEOUT_MS)
  child.once('exit', (code) => {
    running.delete(child)
    reject(new Error(`${script} ended with ${code}`))
  })
  let text = ''
  child.stdout.on('data', (chunk: Buffer) => {
    text += chunk.toString()
    // Node's own output, such as that of --trace-gc, may come first.
    const line = /^\{.*$/m.exec(text)?.[0]
    if (line !== undefined) resolve(JSON.parse(line))
  })
  const ready = await promise.finally(() => clearTimeout(timer))
  return { pid: child.pid!, ready, end: () => end(child) }
}

/** Without the settings of a Hawser that is at home here: the benchmark must not meet its database. */
function cleanEnvironment(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('HAWSER_') && name !== 'DATABASE_URL'))
}

function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve()
  const { promise, resolve } = Promise.withResolvers<void>()
  const timer = setTimeout(() => child.kill('SIGKILL'), END_TIMEOUT_MS)
  child.once('exit', () => {
    clearTimeout(timer)
    resolve()
  })
  child.kill('SIGTERM')
  return promise
}

export async function endAll(): Promise<void> {
  await Promise.all([...running].map(end))
  for (const cleanUp of cleanUps.splice(0)) cleanUp()
}

const NGINX = '/usr/sbin/nginx'

/** In front of `upstreamPort`; undefined where nginx is not installed. */
export function startNginx(upstreamPort: number, port: number): Pick<Child<undefined>, 'pid' | 'end'> | undefined {
  if (!existsSync(NGINX)) return undefined
  const folder = temporaryFolder()
  const config = join(folder, 'nginx.conf')
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((name) => `${name}_temp_path ${folder}/${name};`).join(' ')
  writeFileSync(
    config,
    `daemon off; master_process off; pid ${folder}/nginx.pid; error_log /dev/null; events {}
http { access_log off; ${temporary}
upstream up { server 127.0.0.1:${upstreamPort}; keepalive 64; }
server { listen 127.0.0.1:${port}; keepalive_requests 1000000000; location / { proxy_pass http://up; proxy_http_version 1.1; proxy_set_header Connection ""; } } }`,
  )
  return startProgram(NGINX, ['-c', config, '-p', folder], {})
}
