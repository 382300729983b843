/** Rotates an environment's key under continuous reads and writes, with the rotating process killed in the middle. */
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { createTestDatabase } from '../testkit/test-database.ts'
import { newId } from '#lib/ids.ts'
import { readKeyring } from '#vault/keyring.ts'
import { environmentKeyAad } from '#vault/environment-keys.ts'
import * as vaultStore from '#vault/store.ts'
import { GRANT_LABEL } from '#connections/open-credentials.ts'
import { readConfig, type Config } from './config.ts'
import { openStore, type Store } from './open-store.ts'
import { sealedPlaces } from './sealed-places.ts'

const STALE_MS = 300
const SETTLE_MS = 700
const CHILD_TIMEOUT_MS = 240_000
const FILL_BATCH = 2_000

export interface RotationWorld {
  store: Store
  config: Config
  environmentId: string
  integrationId: string
  /** As another process would, with keys and caches of its own. */
  another(options?: { staleKeysAfterMs?: number }): Promise<Store>
  close(): Promise<void>
}

export async function rotationWorld(): Promise<RotationWorld> {
  const [database, dataDir] = await Promise.all([createTestDatabase(), mkdtemp(join(tmpdir(), 'hawser-rotation-'))])
  const env = { DATABASE_URL: database.url, HAWSER_ENCRYPTION_KEY: randomBytes(32).toString('base64'), HAWSER_DATA_DIR: dataDir }
  const read = readConfig({ env, dev: false, starts: false, cwd: tmpdir() })
  if (!read.ok) throw new Error(read.problems.join('\n'))
  const { config } = read
  const open: Store[] = []
  const another = async (options: { staleKeysAfterMs?: number } = { staleKeysAfterMs: STALE_MS }) => {
    const store = await openStore(config, options)
    open.push(store)
    return store
  }
  const store = await another()
  const environmentId = (await vaultStore.environmentKeys(store.db.kysely)).find(({ name }) => name === 'dev')!.id
  const integrationId = newId()
  await store.db.pool.query(
    `insert into integration (id, environment_id, unique_key, provider, display_name) values ($1, $2, 'crm', 'salesforce', 'CRM')`,
    [integrationId, environmentId],
  )
  worldEnv.set(config, env)
  return {
    ...{ store, config, environmentId, integrationId, another },
    async close() {
      for (const each of open) await each.close()
      await database.close()
      await rm(dataDir, { recursive: true, force: true })
    },
  }
}

const worldEnv = new WeakMap<Config, Record<string, string>>()

/** What a grant's ciphertext holds: its own id, so that a mix-up shows. */
const contentOf = (id: string, version: number) => `${id}:${version}`

export async function insertGrants(world: RotationWorld, count: number, store: Store = world.store): Promise<string[]> {
  const { environmentId, integrationId } = world
  const ids: string[] = []
  for (let left = count; left > 0; left -= FILL_BATCH) {
    await store.vault.ready(environmentId)
    const rows = Array.from({ length: Math.min(left, FILL_BATCH) }, () => {
      const id = newId()
      return { id, ...store.vault.sealNew(environmentId, GRANT_LABEL, id, contentOf(id, 1)) }
    })
    await store.db.pool.query(
      `insert into "grant" (id, environment_id, integration_id, auth_mode, data_key, credentials)
       select u.id, $2, $3, 'OAUTH2', u.data_key, u.credentials from unnest($1::uuid[], $4::bytea[], $5::bytea[]) as u (id, data_key, credentials)`,
      [rows.map((row) => row.id), environmentId, integrationId, rows.map((row) => row.data_key), rows.map((row) => row.ciphertext)],
    )
    ids.push(...rows.map((row) => row.id))
  }
  return ids
}

export interface Traffic {
  reads: number
  writes: number
  failed: string[]
  stop(): Promise<void>
}

/** Reads, renews and adds rows until stopped, as servers do; a row that does not hold what was written counts as failed. */
export function startTraffic(world: RotationWorld, store: Store, ids: string[]): Traffic {
  const traffic: Traffic = { reads: 0, writes: 0, failed: [], stop: async () => {} }
  let stopping = false
  const { environmentId } = world
  const one = async (turn: number): Promise<void> => {
    const id = ids[Math.floor(Math.random() * ids.length)]!
    const { rows } = await store.db.pool.query<{ data_key: Buffer; credentials: Buffer; version: number }>(
      `select data_key, credentials, version from "grant" where id = $1`,
      [id],
    )
    const row = rows[0]!
    await store.vault.ready(environmentId)
    const text = store.vault.openSealed(environmentId, row.data_key, row.credentials, GRANT_LABEL, id).toString()
    if (text !== contentOf(id, row.version)) throw new Error(`holds ${text}`)
    traffic.reads++
    if (turn % 5 === 0) {
      const sealed = store.vault.sealWith(environmentId, row.data_key, GRANT_LABEL, id, contentOf(id, row.version + 1))
      await store.db.pool.query(`update "grant" set credentials = $2, version = version + 1 where id = $1 and version = $3`, [
        id,
        sealed,
        row.version,
      ])
      traffic.writes++
    }
    if (turn % 20 === 0) ids.push(...(await insertGrants(world, 1, store)))
  }
  const worker = async () => {
    for (let turn = 1; !stopping && turn < 1_000_000; turn++) {
      await one(turn).catch((error: unknown) => void traffic.failed.push(String(error)))
      await sleep(1)
    }
  }
  const workers = [worker(), worker()]
  traffic.stop = async () => {
    stopping = true
    await Promise.all(workers)
  }
  return traffic
}

export function rotateInChild(
  world: RotationWorld,
  batch: number,
): { child: ChildProcess; done: Promise<{ code: number | null; output: string }> } {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'rotate-in-child-for-tests.ts')], {
    env: {
      PATH: process.env['PATH'],
      ...worldEnv.get(world.config),
      ROTATE_ENVIRONMENT: 'dev',
      ROTATE_SETTLE_MS: String(SETTLE_MS),
      ROTATE_BATCH: String(batch),
    },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: CHILD_TIMEOUT_MS,
  })
  let output = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => (output += text))
  const done = once(child, 'close').then(() => ({ code: child.exitCode, output }))
  return { child, done }
}

/** Polls until at least so many data keys were wrapped again by the rotation under way. Bounded by the child's own end. */
export async function untilRewrapped(world: RotationWorld, count: number, child: ChildProcess): Promise<number> {
  while (child.exitCode === null && child.signalCode === null) {
    const rewrapped = (await vaultStore.latestRotation(world.store.db.kysely, world.environmentId))?.rewrapped ?? 0
    if (rewrapped >= count) return rewrapped
    await sleep(5)
  }
  throw new Error('the rotation has ended before it was killed')
}

export async function remaining(world: RotationWorld, generation: number): Promise<number> {
  let count = 0
  for (const place of sealedPlaces)
    count += await place.countOlder(world.store.db.kysely, { environmentId: world.environmentId, generation })
  return count
}

/** Generations in the environment's keys, and which is used. */
export async function keysOf(world: RotationWorld): Promise<{ current: number; generations: number[] }> {
  const { store, environmentId } = world
  const wrapped = (await vaultStore.environmentKey(store.db.kysely, environmentId))!
  const keyring = readKeyring(await store.key.provider.unwrap(wrapped, environmentKeyAad(environmentId)))
  return { current: keyring.current, generations: [...keyring.keys.keys()] }
}

/** Reads every grant with keys that were loaded just now; returns how many hold what was written. */
export async function readAll(world: RotationWorld): Promise<number> {
  const { vault, db } = await world.another()
  let good = 0
  const { rows } = await db.pool.query<{ id: string; data_key: Buffer; credentials: Buffer; version: number }>(
    'select id, data_key, credentials, version from "grant"',
  )
  for (const row of rows) {
    const text = vault.openSealed(world.environmentId, row.data_key, row.credentials, GRANT_LABEL, row.id).toString()
    if (text === contentOf(row.id, row.version)) good++
  }
  return good
}
