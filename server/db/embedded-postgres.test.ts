import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import {
  chmodSync,
  chownSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { afterAll, describe, expect, it } from 'vitest'
import pg from 'pg'
import { startEmbeddedPostgres, stopEmbeddedPostgres, type EmbeddedPostgresOptions } from '#db/embedded-postgres.ts'

const IS_ROOT = userInfo().uid === 0
const NOBODY = 65_534
const folder = mkdtempSync(join(tmpdir(), 'embedded-'))
// As root the server's account must get through.
chmodSync(folder, 0o755)
/** A checkout, or a Node, that lies under a closed folder such as /root cannot be used by another account. */
const NOBODY_REACHES_US =
  IS_ROOT &&
  spawnSync(process.execPath, ['-e', 'require("node:fs").readFileSync(process.argv[1])', import.meta.filename], {
    uid: NOBODY,
    gid: NOBODY,
    cwd: '/',
  }).status === 0
const used: EmbeddedPostgresOptions[] = []
afterAll(async () => {
  for (const { dataDir } of used) await stopEmbeddedPostgres(dataDir)
  rmSync(folder, { recursive: true })
})

function options(name: string): EmbeddedPostgresOptions {
  const made = { dataDir: join(folder, name), rootHome: join(folder, 'root'), fsync: false }
  used.push(made)
  return made
}

async function ask(url: string, text: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: url })
  client.on('error', () => {})
  await client.connect()
  try {
    return (await client.query<Record<string, unknown>>(text)).rows
  } finally {
    await client.end()
  }
}

const pidFile = ({ dataDir }: EmbeddedPostgresOptions) => join(dataDir, 'postgres/postmaster.pid')
const pidOf = (of: EmbeddedPostgresOptions) => Number(readFileSync(pidFile(of), 'utf8').split('\n')[0])

/** A process of its own that uses the server until its input ends; prints the address, then `stopped`. */
function userProcess(of: EmbeddedPostgresOptions, uid?: number) {
  const program = `
    import { startEmbeddedPostgres } from ${JSON.stringify(new URL('embedded-postgres.ts', import.meta.url).href)}
    const server = await startEmbeddedPostgres(${JSON.stringify(of)}).catch((error) => { console.log(error.message); process.exit(1) })
    console.log(server.url)
    process.stdin.resume().on('end', async () => { await server.stop(); console.log('stopped') })`
  const account = uid === undefined ? {} : { uid, gid: uid }
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', '--input-type=module', '-e', program], {
    ...account,
    cwd: '/',
  })
  child.stderr.pipe(process.stderr)
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]()
  return {
    next: async () => (await lines.next()).value as string,
    leave: () => child.stdin.end(),
    kill: async () => {
      child.kill('SIGKILL')
      await once(child, 'exit')
    },
  }
}

describe('startEmbeddedPostgres', () => {
  it('is joined by others, and stopped by the last of them; the data is there again', async () => {
    const shared = options('shared')
    const first = await startEmbeddedPostgres(shared)
    await ask(first.url, 'create table kept as select 1 as n')
    const pid = pidOf(shared)
    const second = await startEmbeddedPostgres(shared)
    expect(second.url).toBe(first.url)
    expect(pidOf(shared)).toBe(pid)
    await first.stop()
    expect(await ask(second.url, 'select * from kept')).toEqual([{ n: 1 }])
    await second.stop()
    await second.stop()
    expect(existsSync(pidFile(shared))).toBe(false)
    const third = await startEmbeddedPostgres(shared)
    expect(await ask(third.url, 'select * from kept')).toEqual([{ n: 1 }])
    await third.stop()
    expect(existsSync(pidFile(shared))).toBe(false)
  })

  it('keeps its files from other accounts, and listens on no port', async () => {
    const closed = options('shared')
    const server = await startEmbeddedPostgres(closed)
    expect(await ask(server.url, 'show listen_addresses')).toEqual([{ listen_addresses: '' }])
    const sockets = new URL(server.url).searchParams.get('host') ?? ''
    for (const path of [closed.dataDir, realpathSync(join(closed.dataDir, 'postgres')), sockets])
      expect(statSync(path).mode & 0o077).toBe(0)
    // The vault's key lies in the data directory: the server's account has no business there.
    expect(statSync(closed.dataDir).uid).toBe(userInfo().uid)
    await server.stop()
  })

  it('keeps rejected rows and statements out of its log', async () => {
    const quiet = options('shared')
    const server = await startEmbeddedPostgres(quiet)
    await ask(server.url, 'create table one (t text primary key)')
    for (const statement of [`insert into one values ('hunter2')`, `insert into one values ('hunter2')`])
      await ask(server.url, statement).catch(() => {})
    await server.stop()
    const log = readFileSync(join(realpathSync(join(quiet.dataDir, 'postgres')), '../postgres.log'), 'utf8')
    expect(log).toContain('duplicate key')
    expect(log).not.toContain('hunter2')
  })

  it('is started once by two processes that begin at once on an empty directory', async () => {
    const empty = options('empty')
    const processes = [userProcess(empty), userProcess(empty)]
    const urls = await Promise.all(processes.map((each) => each.next()))
    expect(urls[0]).toMatch(/^postgres:/)
    expect(urls[1]).toBe(urls[0])
    processes[0]?.leave()
    expect(await processes[0]?.next()).toBe('stopped')
    expect(await ask(urls[0] ?? '', 'select 1 as n')).toEqual([{ n: 1 }])
    processes[1]?.leave()
    expect(await processes[1]?.next()).toBe('stopped')
    expect(existsSync(pidFile(empty))).toBe(false)
  })

  it('does not count a process that was killed among its users, and is joined by the next', async () => {
    const orphan = options('shared')
    const killed = userProcess(orphan)
    const url = await killed.next()
    const pid = pidOf(orphan)
    await killed.kill()
    // Its connection ends a moment after the process.
    await expect.poll(() => ask(url, `select 1 from pg_stat_activity where application_name = 'hawser-user'`)).toEqual([])
    const next = await startEmbeddedPostgres(orphan)
    expect(pidOf(orphan)).toBe(pid)
    await next.stop()
    expect(existsSync(pidFile(orphan))).toBe(false)
  })

  it('comes back by itself after kill -9, with what was committed', async () => {
    const messages: string[] = []
    // With fsync, as it really runs: without, commits are not waited for.
    const crashed = { ...options('crashed'), fsync: true, onRestart: (message: string) => messages.push(message) }
    const server = await startEmbeddedPostgres(crashed)
    await ask(server.url, 'create table kept as select 1 as n')
    process.kill(pidOf(crashed), 'SIGKILL')
    await expect.poll(() => messages, { timeout: 15_000 }).toEqual(['PostgreSQL had ended and was started again'])
    expect(await ask(server.url, 'select * from kept')).toEqual([{ n: 1 }])
    await server.stop()
    expect(existsSync(pidFile(crashed))).toBe(false)
  })

  it.runIf(process.platform === 'linux')('starts although postmaster.pid names a process of somebody else', async () => {
    const reused = options('reused')
    const server = await startEmbeddedPostgres(reused)
    const text = readFileSync(pidFile(reused), 'utf8')
    const { uid, gid } = statSync(realpathSync(join(reused.dataDir, 'postgres')))
    await server.stop()
    const stranger = spawn('sleep', ['30'], { ...(IS_ROOT ? { uid, gid } : {}), cwd: '/' })
    writeFileSync(pidFile(reused), text.replace(/^\d+/, String(stranger.pid)))
    const again = await startEmbeddedPostgres(reused)
    expect(await ask(again.url, 'select 1 as n')).toEqual([{ n: 1 }])
    expect(stranger.exitCode).toBe(null)
    stranger.kill()
    await again.stop()
  })

  it('does not speak to a socket in a directory that others can write to', async () => {
    const fooled = options('shared')
    const server = await startEmbeddedPostgres(fooled)
    const sockets = new URL(server.url).searchParams.get('host') ?? ''
    await server.stop()
    mkdirSync(sockets)
    chmodSync(sockets, 0o777)
    await expect(startEmbeddedPostgres(fooled)).rejects.toThrow(
      /(is open to other users|belongs to another user).*: remove it, or set TMPDIR/,
    )
    expect(existsSync(pidFile(fooled))).toBe(false)
    rmSync(sockets, { recursive: true })
  })

  it('says in PostgreSQL’s words why it does not start', async () => {
    await expect(startEmbeddedPostgres({ ...options('shared'), maxConnections: -1 })).rejects.toThrow(
      /did not start \(its log is .*postgres\.log\): .*max_connections/,
    )
  })

  it('says what to do with the files of another major version', async () => {
    const other = options('other')
    await (await startEmbeddedPostgres(other)).stop()
    writeFileSync(join(other.dataDir, 'postgres/PG_VERSION'), '17\n')
    await expect(startEmbeddedPostgres(other)).rejects.toThrow(
      /written by PostgreSQL 17, and this release of Hawser brings 18: .*DATABASE_URL/,
    )
  })
})

describe.runIf(IS_ROOT)('as root', () => {
  it('lets the files follow their data directory, and begins anew in the old place', async () => {
    const moved = options('before')
    const server = await startEmbeddedPostgres(moved)
    await ask(server.url, 'create table kept ()')
    await server.stop()
    renameSync(moved.dataDir, join(folder, 'after'))
    const anew = await startEmbeddedPostgres(moved)
    expect(await ask(anew.url, `select to_regclass('kept') as found`)).toEqual([{ found: null }])
    await anew.stop()
    const followed = await startEmbeddedPostgres(options('after'))
    expect(await ask(followed.url, `select to_regclass('kept') as found`)).toEqual([{ found: 'kept' }])
    await followed.stop()
  })

  it('does not begin anew when the files are gone', async () => {
    const lost = options('lost')
    await (await startEmbeddedPostgres(lost)).stop()
    rmSync(realpathSync(join(lost.dataDir, 'postgres')), { recursive: true })
    await expect(startEmbeddedPostgres(lost)).rejects.toThrow(/which is gone: put the database's files back/)
    expect(lstatSync(join(lost.dataDir, 'postgres')).isSymbolicLink()).toBe(true)
  })

  it.runIf(NOBODY_REACHES_US)('works for an ordinary user too, whose files root then runs as that user, in place', async () => {
    const home = join(folder, 'ordinary')
    mkdirSync(home)
    const own = { ...options('ordinary/data'), rootHome: '/nowhere' }
    chownSync(home, NOBODY, NOBODY)
    const user = userProcess(own, NOBODY)
    const url = await user.next()
    expect(url).toMatch(/^postgres:/)
    expect(lstatSync(join(own.dataDir, 'postgres')).isDirectory()).toBe(true)
    expect(statSync(own.dataDir).mode & 0o777).toBe(0o700)
    const joined = await startEmbeddedPostgres(own)
    expect(joined.url).toBe(url)
    user.leave()
    expect(await user.next()).toBe('stopped')
    await joined.stop()
    const again = await startEmbeddedPostgres(own)
    expect(statSync(`/proc/${pidOf(own)}`).uid).toBe(NOBODY)
    await again.stop()
  })

  it.runIf(NOBODY_REACHES_US)('tells an ordinary user whose the files are', async () => {
    const ours = options('ours')
    await (await startEmbeddedPostgres(ours)).stop()
    chmodSync(ours.dataDir, 0o755)
    expect(await userProcess(ours, NOBODY).next()).toMatch(/belongs to another user \(uid \d+\): start as that user, or as root/)
  })
})
