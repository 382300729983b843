/** `hawser doctor`: looks at this installation from outside, and says what to do about each thing that is not as it should be. */
import { access, stat, statfs } from 'node:fs/promises'
import { join } from 'node:path'
import { sql } from 'kysely'
import type { Config } from '#config.ts'
import { openDatabase } from '#db/pool.ts'
import { frozenWords } from '#freeze/frozen-words.ts'
import { vaultReport } from '#freeze/take-over.ts'
import { reveal } from '#lib/secret.ts'

export interface Check {
  name: string
  result: 'ok' | 'warning' | 'failed'
  text: string
  fix?: string
}

const REQUEST_TIMEOUT_MS = 5_000
const SCARCE_BYTES = 1024 ** 3
const MAX_SKEW_MS = 5_000
/** Left by `hawser doctor --key-is-backed-up`. */
export const BACKUP_MARK = 'vault.key.backed-up'

export async function checkInstallation(config: Config, now: () => number): Promise<Check[]> {
  return Promise.all([
    checkServer(config.publicUrl),
    checkClock(config, now),
    checkKey(config),
    checkDisk(config.dataDir),
    checkDatabase(config),
  ])
}

async function checkServer(publicUrl: string): Promise<Check> {
  const name = 'Server'
  try {
    const answer = await fetch(`${publicUrl}/ready`, { signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS), redirect: 'manual' })
    const { vault } = (answer.ok ? await answer.clone().json() : {}) as { vault?: string }
    if (vault === 'frozen')
      return {
        name,
        result: 'failed',
        text: `${publicUrl} answers, but its vault is frozen: nothing is refreshed`,
        fix: 'On its machine: npm run hawser -- vault epoch. It says why, and what to do.',
      }
    if (answer.ok) return { name, result: 'ok', text: `${publicUrl} answers; the callback URL is ${publicUrl}/oauth/callback` }
    const body = (await answer.json().catch(() => undefined)) as { error?: { message?: string } } | undefined
    return {
      name,
      result: 'failed',
      text: `${publicUrl} answers ${answer.status}: ${body?.error?.message ?? 'not ready'}`,
      fix: 'Read the log of the server.',
    }
  } catch {
    return {
      name,
      result: 'failed',
      text: `${publicUrl} does not answer`,
      fix: 'Start the server (npm start). If it runs behind a proxy, check HAWSER_PUBLIC_URL and the proxy: browsers and Salesforce use that address.',
    }
  }
}

/** Another clock to compare with: the database's, when it is on another machine. */
async function checkClock(config: Config, now: () => number): Promise<Check> {
  const name = 'Clock'
  if (!config.databaseUrl) return { name, result: 'ok', text: new Date(now()).toISOString() }
  try {
    const db = await openDatabase({ url: reveal(config.databaseUrl), max: 1 })
    const before = now()
    const { rows } = await sql<{ at: Date }>`select clock_timestamp() as at`.execute(db.kysely)
    const skew = Math.abs(rows[0]!.at.getTime() - (before + now()) / 2)
    await db.close()
    if (skew <= MAX_SKEW_MS) return { name, result: 'ok', text: `agrees with the database's to ${Math.round(skew)} ms` }
    return {
      name,
      result: 'warning',
      text: `${Math.round(skew / 1000)} s away from the database's`,
      fix: 'Let both machines take their time from NTP; sign-ins and expiries depend on it.',
    }
  } catch {
    return { name, result: 'warning', text: 'could not be compared: the database does not answer' }
  }
}

async function checkKey(config: Config): Promise<Check> {
  const name = 'Vault key'
  if (config.kmsKey !== undefined) return { name, result: 'ok', text: `in AWS KMS, ${config.kmsKey}` }
  if (config.encryptionKey) return { name, result: 'ok', text: 'from HAWSER_ENCRYPTION_KEY; keep a copy apart from the database' }
  const path = join(config.dataDir, 'vault.key')
  const file = await stat(path).catch(() => undefined)
  if (!file) return { name, result: 'warning', text: `${path} is not there yet`, fix: 'It is made at the first start.' }
  if (process.platform !== 'win32' && (file.mode & 0o077) !== 0)
    return { name, result: 'failed', text: `${path} can be read by others`, fix: `chmod 600 ${path}` }
  const backedUp = await access(join(config.dataDir, BACKUP_MARK)).then(
    () => true,
    () => false,
  )
  if (backedUp) return { name, result: 'ok', text: `${path}, and you said that a copy exists` }
  return {
    name,
    result: 'warning',
    text: `${path} may be the only copy`,
    fix: `Copy it to a safe place, then: npm run hawser -- doctor --key-is-backed-up`,
  }
}

async function checkDisk(dataDir: string): Promise<Check> {
  const name = 'Disk'
  const space = await statfs(dataDir).catch(() => undefined)
  if (!space) return { name, result: 'warning', text: `${dataDir} is not there yet`, fix: 'It is made at the first start.' }
  const free = space.bavail * space.bsize
  const text = `${(free / 1024 ** 3).toFixed(1)} GiB free in ${dataDir}`
  return free < SCARCE_BYTES
    ? { name, result: 'warning', text, fix: 'Make room: without it neither the database nor renewed tokens can be written.' }
    : { name, result: 'ok', text }
}

async function checkDatabase(config: Config): Promise<Check> {
  const name = 'Database'
  if (!config.databaseUrl) return { name, result: 'ok', text: 'the embedded PostgreSQL, which runs while the server does' }
  try {
    const db = await openDatabase({ url: reveal(config.databaseUrl), max: 1 })
    const { rows } = await sql<{ version: string }>`select current_setting('server_version') as version`.execute(db.kysely)
    const vault = await vaultReport(db, config.dataDir, config.vaultEpoch).catch(() => undefined)
    await db.close()
    const words = vault?.frozen && frozenWords[vault.frozen]
    if (words) return { name, result: 'failed', text: `frozen: nothing is refreshed. ${words.cause}`, fix: words.fix.join(' ') }
    return { name, result: 'ok', text: `PostgreSQL ${rows[0]!.version}` }
  } catch (error) {
    return {
      name,
      result: 'failed',
      text: (error as Error).message,
      fix: 'Check DATABASE_URL, and that the database accepts connections from this machine.',
    }
  }
}
