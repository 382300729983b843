import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

interface Package {
  version?: string
  integrity?: string
  os?: string[]
  cpu?: string[]
  dev?: boolean
  optional?: boolean
}
type Lock = { packages: Record<string, Package> }
type Machine = { dev: boolean; platform?: string; arch?: string }

/** The launcher is plain JavaScript without types. */
const load = async <T>(file: string): Promise<T> => (await import(new URL(file, import.meta.url).href)) as T
const { holdsWhatIsLocked } = await load<{
  holdsWhatIsLocked: (locked: Lock | undefined, installed: Lock | undefined, machine: Machine) => boolean
}>('./launch/dependencies.mjs')
const { isFit, NODE_PACKAGES } = await load<{
  isFit: (version: string) => boolean
  NODE_PACKAGES: Record<string, { name: string; version: string; integrity: string }>
}>('./launch/fit-node.mjs')
const { withLock } = await load<{ withLock: <T>(path: string, work: () => T, options?: { waitMs?: number; onWait?: () => void }) => T }>(
  './launch/lock.mjs',
)

const SCRIPTS = fileURLToPath(new URL('.', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'launch-'))
afterAll(() => rmSync(folder, { recursive: true }))

describe('isFit', () => {
  it.each(['22.19.0', '22.23.3', '23.6.0', '24.0.0', '26.1.0'])('takes %s', (version) => expect(isFit(version)).toBe(true))
  it.each(['18.20.0', '20.20.2', '22.18.0', '23.5.0'])('refuses %s', (version) => expect(isFit(version)).toBe(false))
})

describe('NODE_PACKAGES', () => {
  it.each(Object.entries(NODE_PACKAGES))('%s is exact, fit and has a sum', (_platform, { version, integrity }) => {
    expect(version).toMatch(/^\d+\.\d+\.\d+$/)
    expect(isFit(version)).toBe(true)
    expect(integrity).toMatch(/^sha512-[A-Za-z0-9+/]{86}==$/)
  })
})

describe('holdsWhatIsLocked', () => {
  const machine = { dev: false, platform: 'linux', arch: 'x64' }
  const locked: Lock = {
    packages: {
      '': {},
      api: { version: '1.0.0' },
      'node_modules/a': { version: '1.0.0', integrity: 'sha512-a' },
      'node_modules/test': { version: '1.0.0', integrity: 'sha512-t', dev: true },
      'node_modules/native-linux': { version: '1.0.0', integrity: 'sha512-n', optional: true, os: ['linux'], cpu: ['x64'] },
      'node_modules/native-darwin': { version: '1.0.0', integrity: 'sha512-d', optional: true, os: ['darwin'], cpu: ['x64'] },
    },
  }
  const installed = (change: Record<string, Package | undefined> = {}): Lock => {
    const { '': _root, 'node_modules/native-darwin': _other, ...packages } = { ...locked.packages, ...change }
    return { packages: Object.fromEntries(Object.entries(packages).filter(([, value]) => value)) as Lock['packages'] }
  }

  it('is content with what npm installs here', () => expect(holdsWhatIsLocked(locked, installed(), { ...machine, dev: true })).toBe(true))
  it('is content where there is no lock file', () => expect(holdsWhatIsLocked(undefined, undefined, machine)).toBe(true))
  it('misses a folder that is not there', () => expect(holdsWhatIsLocked(locked, undefined, machine)).toBe(false))
  it('misses a package', () => expect(holdsWhatIsLocked(locked, installed({ 'node_modules/a': undefined }), machine)).toBe(false))
  it('notices another version, and another content of the same version', () => {
    expect(holdsWhatIsLocked(locked, installed({ 'node_modules/a': { version: '1.0.1', integrity: 'sha512-a' } }), machine)).toBe(false)
    expect(holdsWhatIsLocked(locked, installed({ 'node_modules/a': { version: '1.0.0', integrity: 'sha512-b' } }), machine)).toBe(false)
  })
  it('needs development packages for tools only', () => {
    const production = installed({ 'node_modules/test': undefined })
    expect(holdsWhatIsLocked(locked, production, machine)).toBe(true)
    expect(holdsWhatIsLocked(locked, production, { ...machine, dev: true })).toBe(false)
  })
  it('notices a folder that came from another system', () =>
    expect(holdsWhatIsLocked(locked, installed(), { ...machine, arch: 'arm64' })).toBe(false))
})

describe('withLock', () => {
  const path = join(folder, 'deep/lock')

  it('gives back what the work returns, and leaves nothing behind, also after an error', () => {
    expect(withLock(path, () => 7)).toBe(7)
    expect(() =>
      withLock(path, () => {
        throw new Error('broken')
      }),
    ).toThrow('broken')
    expect(existsSync(path)).toBe(false)
  })

  it('waits for a living process, and not for ever', () => {
    mkdirSync(path)
    writeFileSync(join(path, String(process.ppid)), '')
    let waits = 0
    expect(() => withLock(path, () => 'never', { waitMs: 1, onWait: () => (waits += 1) })).toThrow(`remove it then`)
    expect(waits).toBe(1)
    rmSync(path, { recursive: true })
  })

  it('takes over from a process that died, with its name in the lock or without', async () => {
    const dead = spawn(process.execPath, ['--version'])
    await once(dead, 'exit')
    mkdirSync(path)
    writeFileSync(join(path, String(dead.pid)), '')
    expect(withLock(path, () => readdirSync(path), { waitMs: 0 })).toEqual([String(process.pid)])
    mkdirSync(path)
    utimesSync(path, new Date(0), new Date(0))
    expect(withLock(path, () => 'mine', { waitMs: 0 })).toBe('mine')
  })
})

describe('launch.mjs', () => {
  // A tree of its own, so that the command line it starts is this fake.
  beforeAll(() => {
    cpSync(SCRIPTS, join(folder, 'scripts'), { recursive: true, filter: (file) => !file.endsWith('.ts') })
    mkdirSync(join(folder, 'cli'))
    writeFileSync(
      join(folder, 'cli/main.ts'),
      `const [what, ...rest]: string[] = process.argv.slice(2)
      if (what === 'exit') process.exit(Number(rest[0]))
      if (what === 'print') console.log(JSON.stringify({ rest, path: process.env.PATH?.split(':')[0], cwd: process.cwd() }))
      if (what === 'die') process.kill(process.pid, 'SIGKILL')
      if (what === 'wait') {
        for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => { console.log(signal); process.exit(7) })
        setTimeout(() => process.exit(99), 15_000)
        console.log('ready')
      }`,
    )
    writeFileSync(join(folder, 'package.json'), '{"type":"module"}')
  })

  function launch(...args: string[]): ChildProcess {
    return spawn(process.execPath, [join(folder, 'scripts/launch.mjs'), ...args], { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] })
  }

  const ended = async (child: ChildProcess) => (await once(child, 'close')) as [code: number | null, signal: string | null]

  it('hands on arguments, and the exit code', async () => {
    expect(await ended(launch('exit', '42'))).toEqual([42, null])
    const child = launch('print', '--flag', 'a b')
    const [line] = (await once(createInterface(child.stdout!), 'line')) as [string]
    expect(JSON.parse(line)).toMatchObject({ rest: ['--flag', 'a b'], path: join(process.execPath, '..') })
    expect(await ended(child)).toEqual([0, null])
  })

  it('says 128 + n after a signal killed the program', async () => expect(await ended(launch('die'))).toEqual([137, null]))

  it.each(['SIGTERM', 'SIGINT', 'SIGHUP'] as const)('passes %s on, once, and waits for the end', async (signal) => {
    const child = launch('wait')
    const lines: string[] = []
    const output = createInterface(child.stdout!).on('line', (line) => lines.push(line))
    await once(output, 'line')
    child.kill(signal)
    expect(await ended(child)).toEqual([7, null])
    expect(lines).toEqual(['ready', signal])
  })

  it('names the tools it knows', async () => {
    const child = launch('--run', 'constructor')
    const [line] = (await once(createInterface(child.stderr!), 'line')) as [string]
    expect(line).toBe(
      '--run takes one of test, test:long, format, check, generate, build:web, bench, e2e:browser, e2e:compat, e2e:salesforce, or the path of a .ts file',
    )
    expect(await ended(child)).toEqual([1, null])
  })
})
