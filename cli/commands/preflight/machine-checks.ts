import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { access, constants, readdir, stat, statfs } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { Config } from '#config.ts'
import { postgresBinaries } from '#db/postgres-binaries.ts'
import { KEY_FILE } from '#vault/local-key.ts'
import { lastBackup } from '../../../server/backup/kept-backups.ts'
import { runningServer } from '../../../server/running-server.ts'
import { bad, line, ok, size, warn, type Line } from './line.ts'

const OLDEST_NODE = [22, 19] as const
const DAY_MS = 86_400_000
const SPARE_BYTES = 512 * 1024 * 1024

export function checkNode(version = process.versions.node): Line {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  const fits = major > OLDEST_NODE[0] || (major === OLDEST_NODE[0] && minor >= OLDEST_NODE[1])
  return fits
    ? ok('node', `Node ${version}`)
    : bad('node', `Node ${version} is too old`, `use Node ${OLDEST_NODE.join('.')} or newer; npm start brings one`)
}

/** All that needs no database. `databaseBytes`: its size, undefined if unknown. */
export async function checkMachine(config: Config, databaseBytes: number | undefined, now: number): Promise<Line[]> {
  return [
    ...(await line('data_directory', 'make it, and let the server’s account write there', () => dataDirectory(config))),
    ...(await line('disk', 'look at the disk', () => disk(config, databaseBytes))),
    ...(await line('key_file', 'let the server’s account alone read the key file', () => keyFile(config))),
    ...(await line('postgres_files', 'start the release that wrote them', async () => postgresFiles(config))),
    ...(await line('spool', 'look at the folder spool in the data directory', () => spool(config))),
    ...(await line('ports', 'free the ports', () => ports(config))),
    ...(await line('backup', 'make one: hawser backup', () => backup(config, now))),
  ]
}

async function dataDirectory({ dataDir }: Config): Promise<Line> {
  const found = await stat(dataDir).catch(() => undefined)
  if (!found) {
    const parent = dirname(dataDir)
    return existsSync(parent)
      ? warn('data_directory', `${dataDir} is not there yet`, 'nothing, for a new installation; else name the right one with --data-dir')
      : bad('data_directory', `${dataDir} is not there, nor is ${parent}`, 'make the folder, or name the right one with --data-dir')
  }
  await access(dataDir, constants.R_OK | constants.W_OK | constants.X_OK)
  return (found.mode & 0o077) === 0
    ? ok('data_directory', `${dataDir} is writable, and closed to others`)
    : warn('data_directory', `${dataDir} is open to others (mode ${(found.mode & 0o777).toString(8)})`, `chmod 700 ${dataDir}`)
}

async function disk(config: Config, databaseBytes = 0): Promise<Line[]> {
  const at = existsSync(config.dataDir) ? config.dataDir : existsSync(dirname(config.dataDir)) ? dirname(config.dataDir) : '.'
  const clusterAt = existsSync(join(config.dataDir, 'postgres')) ? join(config.dataDir, 'postgres') : at
  const lines = [
    await space('disk', at, config.auditJournal + SPARE_BYTES, 'the audit journal, should the database be away, and some room'),
  ]
  // A migration may write a table anew while the old one is still there.
  if (!config.databaseUrl)
    lines.push(await space('disk_database', clusterAt, databaseBytes + SPARE_BYTES, 'a migration that writes every table anew'))
  const trial = await space('disk_backup', tmpdir(), databaseBytes * 2 + SPARE_BYTES, 'trying a backup out')
  return [...lines, trial.state === 'fail' ? { ...trial, state: 'warn' } : trial]
}

async function space(check: string, path: string, needed: number, what: string): Promise<Line> {
  const { bavail, bsize } = await statfs(path)
  const free = bavail * bsize
  const text = `${size(free)} free at ${path}; ${size(needed)} are needed for ${what}`
  return free >= needed ? ok(check, text) : bad(check, text, 'make room first')
}

async function keyFile(config: Config): Promise<Line> {
  if (config.kmsKey !== undefined) return ok('key_file', 'the vault key is in AWS KMS')
  if (config.encryptionKey !== undefined) return ok('key_file', 'the vault key comes from HAWSER_ENCRYPTION_KEY')
  const path = join(config.dataDir, KEY_FILE)
  const found = await stat(path).catch(() => undefined)
  if (!found)
    return existsSync(join(config.dataDir, 'postgres'))
      ? bad('key_file', `${path} is missing`, 'bring it back from your copy: nothing stored can be read without it')
      : ok('key_file', `${path} is made at the first start`)
  const mode = (found.mode & 0o777).toString(8).padStart(4, '0')
  return (found.mode & 0o077) === 0
    ? ok('key_file', `${path} (mode ${mode})`)
    : bad('key_file', `${path} can be read by others (mode ${mode})`, `chmod 600 ${path}`)
}

function postgresFiles(config: Config): Line[] {
  const versionFile = join(config.dataDir, 'postgres/PG_VERSION')
  if (config.databaseUrl || !existsSync(versionFile)) return []
  const written = readFileSync(versionFile, 'utf8').trim()
  const { major } = postgresBinaries(undefined, config.dataDir)
  if (written === String(major)) return [ok('postgres_files', `the database’s files are of PostgreSQL ${written}, as this release brings`)]
  return [
    bad(
      'postgres_files',
      `the database’s files are of PostgreSQL ${written}, and this release brings ${major}`,
      'with the release that wrote them: hawser backup; with this one: hawser restore --data-dir <new folder>',
    ),
  ]
}

async function spool({ dataDir }: Config): Promise<Line> {
  const waiting = (await readdir(join(dataDir, 'spool')).catch(() => [])).filter((name) => name.endsWith('.spool'))
  if (waiting.length === 0) return ok('spool', 'no tokens wait on disk for the database')
  return warn(
    'spool',
    `${waiting.length} token sets wait on disk for the database`,
    'let the server run until they are in; never delete the folder spool',
  )
}

async function ports(config: Config): Promise<Line> {
  const running = await runningServer(config.dataDir)
  if (running) return ok('ports', `the server runs: ${running.url} (process ${running.pid})`)
  if (!config.roles.api) return ok('ports', 'a worker listens nowhere')
  const taken = []
  for (const port of [config.port, config.gatewayPort]) if (!(await isFree(port))) taken.push(port)
  if (taken.length === 0) return ok('ports', `${config.port} and ${config.gatewayPort} are free; no server runs on this data directory`)
  return bad('ports', `somebody else listens on ${taken.join(' and ')}`, 'stop that program, or set HAWSER_PORT and HAWSER_GATEWAY_PORT')
}

async function isFree(port: number): Promise<boolean> {
  if (port === 0) return true
  const server = createServer()
  try {
    await once(server.listen(port, 'localhost'), 'listening')
    return true
  } catch {
    return false
  } finally {
    server.close()
  }
}

async function backup({ dataDir }: Config, now: number): Promise<Line> {
  const last = await lastBackup(dataDir)
  const todo = 'make one: hawser backup'
  if (!last) return warn('backup', 'no backup was made from this data directory', todo)
  const days = Math.floor((now - Date.parse(last.createdAt)) / DAY_MS)
  const age = days < 1 ? 'less than a day old' : `${days} days old`
  if (!last.verified)
    return warn('backup', `the last backup (${last.file}, ${age}) was never tried out`, `hawser backup verify ${last.file}`)
  return days < 7
    ? ok('backup', `the last verified backup is ${age}: ${last.file}`)
    : warn('backup', `the last verified backup is ${age}: ${last.file}`, todo)
}
