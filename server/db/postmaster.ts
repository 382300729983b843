import { spawn } from 'node:child_process'
import { closeSync, fchownSync, openSync, readdirSync, readFileSync, readlinkSync, renameSync, rmdirSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Cluster } from '#db/postgres-cluster.ts'
import { privateDirectory } from '#db/private-directory.ts'

/** Names the socket file; nothing listens on TCP. */
export const PORT = 5432
const LONGEST_LOG = 5 * 1024 * 1024
const STOP_TIMEOUT_MS = 15_000

/** What a running server (or one that was killed) wrote about itself. */
export interface Postmaster {
  pid: number
  /** Directory of its socket. */
  sockets: string
}

export interface PostmasterSettings {
  fsync: boolean
  maxConnections: number
}

/** Reads `postmaster.pid`; undefined when there is none, or not all of it is written yet. Lines: pid, data directory, start, port, socket directory. */
export function readPostmaster(cluster: Pick<Cluster, 'path'>): Postmaster | undefined {
  let text: string
  try {
    text = readFileSync(join(cluster.path, 'postmaster.pid'), 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
  const [pid, , , , sockets] = text.split('\n')
  return sockets ? { pid: Number(pid), sockets } : undefined
}

/** A server process that was just started, and may have given up already. */
export interface Attempt {
  /** Why it ended, in PostgreSQL's words; undefined while it runs. */
  ended(): string | undefined
  /** Lets this process end before the server does. */
  release(): void
}

/** Starts the server, in a process group of its own so that Ctrl-C in a terminal does not reach it. */
export function spawnPostmaster(native: string, cluster: Cluster, settings: PostmasterSettings): Attempt {
  privateDirectory(cluster.sockets, cluster.owner)
  const log = openLog(cluster)
  const from = statSync(cluster.log).size
  const child = spawn(join(native, 'bin/postgres'), ['-D', cluster.path, ...flags(cluster, settings)], {
    cwd: cluster.path,
    stdio: ['ignore', 'ignore', log],
    detached: true,
    ...cluster.owner,
  })
  closeSync(log)
  let failure: string | undefined
  child.once('error', (error) => {
    failure = error.message
  })
  child.once('exit', (code, signal) => {
    failure ??= textFrom(cluster.log, from).trim() || `it ended with ${signal ?? code}`
  })
  return { ended: () => failure, release: () => child.unref() }
}

function flags(cluster: Cluster, { fsync, maxConnections }: PostmasterSettings): string[] {
  const settings: Record<string, string> = {
    port: String(PORT),
    listen_addresses: '',
    unix_socket_directories: cluster.sockets,
    unix_socket_permissions: '0700',
    max_connections: String(maxConnections),
    timezone: 'UTC',
    log_timezone: 'UTC',
    log_checkpoints: 'off',
    // A rejected row and the statement around it may hold what nobody should find in a log.
    log_error_verbosity: 'terse',
    log_min_error_statement: 'panic',
    jit: 'off',
    ...(fsync ? {} : { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' }),
  }
  return Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])
}

/** Appends; an old log is kept once when it has grown beyond 5 MiB. */
function openLog(cluster: Cluster): number {
  if ((statSync(cluster.log, { throwIfNoEntry: false })?.size ?? 0) > LONGEST_LOG) renameSync(cluster.log, `${cluster.log}.1`)
  const log = openSync(cluster.log, 'a', 0o600)
  if (cluster.owner) fchownSync(log, cluster.owner.uid, cluster.owner.gid)
  return log
}

/**
 * Removes `postmaster.pid` if the process it names is not a PostgreSQL. After the restart of a machine or container the number may
 * belong to somebody else, and PostgreSQL, which only asks whether it lives, would refuse to start for ever. Linux only: elsewhere nothing is removed.
 */
export function forgetReusedPid(cluster: Cluster): boolean {
  const named = readPostmaster(cluster)
  if (process.platform !== 'linux' || !named || isAnyoneIn(cluster.path)) return false
  if (readOrEmpty(`/proc/${named.pid}/comm`).startsWith('postgres')) return false
  rmSync(join(cluster.path, 'postmaster.pid'), { force: true })
  return true
}

/** Every process of a PostgreSQL works in its data directory: backends of a killed server still write there while they go down. */
function isAnyoneIn(path: string): boolean {
  return readdirSync('/proc').some((pid) => {
    if (!/^\d+$/.test(pid)) return false
    try {
      return readlinkSync(`/proc/${pid}/cwd`) === path
    } catch {
      return false // gone meanwhile, or another user's
    }
  })
}

function readOrEmpty(path: string): string {
  return textFrom(path, 0)
}

/** Empty also where the file is gone, as after the removal of a stopped server's folder. */
function textFrom(path: string, offset: number): string {
  try {
    return readFileSync(path).subarray(offset).toString()
  } catch {
    return ''
  }
}

/** Not if the next server's socket is there already; that server makes the directory again if it comes too late for it. */
function removeIfEmpty(folder: string): void {
  try {
    rmdirSync(folder)
  } catch {
    // In use again, or removed by another process: either way not ours any more.
  }
}

/** Fast shutdown: running statements are cancelled, what is committed is safe. After 15 s the hard way, which the next start recovers from. */
export async function stopPostmaster(cluster: Pick<Cluster, 'path'>, { pid, sockets }: Postmaster): Promise<void> {
  for (const signal of ['SIGINT', 'SIGQUIT'] as const) {
    try {
      process.kill(pid, signal)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ESRCH') return
      throw error
    }
    const deadline = Date.now() + STOP_TIMEOUT_MS
    while (Date.now() < deadline) {
      if (readPostmaster(cluster)?.pid !== pid) return removeIfEmpty(sockets)
      await sleep(10)
    }
  }
  throw new Error(`PostgreSQL (process ${pid}, ${cluster.path}) did not stop`)
}
