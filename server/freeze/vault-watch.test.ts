import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pino from 'pino'
import { sql } from 'kysely'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createTestDatabase, type TestDatabase } from '@hawser/testkit/test-database.ts'
import { createPostgresBus } from '#bus/postgres-bus.ts'
import { openDatabase, type Database } from '#db/pool.ts'
import { newId } from '#lib/ids.ts'
import { readEpochFile, writeEpochFile } from './epoch-file.ts'
import { joinVault, takeOverVault } from './take-over.ts'
import { createVaultWatch, type VaultState, type VaultWatch } from './vault-watch.ts'

let test: TestDatabase
let db: Database
let root: string
const closing: (() => Promise<void>)[] = []

beforeEach(async () => {
  test = await createTestDatabase()
  db = await openDatabase({ url: test.url })
  root = mkdtempSync(join(tmpdir(), 'hawser-epoch-'))
  await sql`insert into vault (epoch, key_id) values (${newId()}, 'k')`.execute(db.kysely)
})
afterEach(async () => {
  for (const close of closing.splice(0)) await close()
  await db.close()
  await test.close()
  rmSync(root, { recursive: true })
})

interface Node {
  watch: VaultWatch
  dataDir: string
  order: string[]
  /** Resolves once the state is of that kind. */
  becomes(kind: VaultState['kind']): Promise<void>
  stop(): Promise<void>
}

async function node(name: string, told?: string): Promise<Node> {
  const dataDir = join(root, name)
  const log = pino({ level: 'silent' })
  const bus = await createPostgresBus({ url: test.url, db, log })
  const order: string[] = []
  const beforeLive = async () => void order.push('spool put back')
  const watch = createVaultWatch({ db: db.kysely, bus, log, dataDir, told, beforeLive })
  watch.onChange((state) => order.push(state.kind))
  const stop = async () => {
    await watch.close()
    await bus.close()
  }
  closing.push(stop)
  await watch.start()
  const becomes = (kind: VaultState['kind']) =>
    new Promise<void>((resolve) => {
      watch.onChange((state) => state.kind === kind && resolve())
      if (watch.state().kind === kind) resolve()
    })
  return { watch, dataDir, order, becomes, stop }
}

const generation = async () => (await sql<{ generation: number }>`select generation from vault`.execute(db.kysely)).rows[0]!.generation
const reasonOf = ({ watch }: Node) => {
  const state = watch.state()
  return state.kind === 'frozen' ? state.reason : state.kind
}

describe('18. the vault’s epoch', () => {
  it('a first start takes the database into use, and a restart goes on, each one generation later', async () => {
    const first = await node('a')
    expect(reasonOf(first)).toBe('live')
    expect(first.order).toEqual(['spool put back', 'live'])
    expect(await readEpochFile(first.dataDir)).toEqual({ epoch: first.watch.seen()!.epoch, generation: 1 })
    await first.stop()
    const again = await node('a')
    expect(reasonOf(again)).toBe('live')
    expect(await generation()).toBe(3)
  })

  it('a restored older state is frozen, until it is taken over; then the spool comes first', async () => {
    const first = await node('a')
    await first.stop()
    await sql`update vault set generation = 500`.execute(db.kysely)
    await (await node('a')).stop()
    await sql`update vault set generation = 400`.execute(db.kysely)
    const restored = await node('a')
    expect(reasonOf(restored)).toBe('older')
    expect(restored.watch.foreign()).toBe(true)
    expect(restored.watch.frozen()).toMatchObject({
      code: 'vault_frozen',
      status: 503,
      details: { diagnosis: { evidence: { reason: 'older' } } },
    })
    expect(restored.order).toEqual(['frozen'])
    await takeOverVault(db, restored.dataDir)
    await restored.becomes('live')
    expect(restored.order.slice(-3)).toEqual(['starting', 'spool put back', 'live'])
    expect(restored.order.filter((step) => step === 'spool put back')).toHaveLength(1)
    expect(await generation()).toBeGreaterThan(501)
  })

  it('a standby that lags behind and takes over under a running server does not freeze it: the spool is put back', async () => {
    const running = await node('a')
    await sql`update vault set generation = 0, seen_at = hawser_now() - interval '1 minute'`.execute(db.kysely)
    const live = new Promise<void>((resolve) => running.watch.onChange((state) => state.kind === 'live' && resolve()))
    await sql`select pg_notify('hawser_message', 'vault:')`.execute(db.kysely)
    await live
    expect(running.order).toEqual(['spool put back', 'live', 'starting', 'spool put back', 'live'])
  })

  it('under a running server too, a state that is older than any standby is frozen', async () => {
    const running = await node('a')
    await sql`update vault set generation = 0, seen_at = hawser_now() - interval '1 hour'`.execute(db.kysely)
    await sql`select pg_notify('hawser_message', 'vault:')`.execute(db.kysely)
    await running.becomes('frozen')
    expect(reasonOf(running)).toBe('older')
  })

  it('a database that was written elsewhere is frozen, also for its own directory', async () => {
    await (await node('a')).stop()
    await sql`update vault set home = '1/1'`.execute(db.kysely)
    const copy = await node('a')
    expect(reasonOf(copy)).toBe('moved')
    expect(await joinVault(db, copy.dataDir)).toBeUndefined()
  })

  it('further nodes with empty directories are vouched for by one that is up', async () => {
    const first = await node('a')
    const second = await node('b')
    const third = await node('c')
    expect([first, second, third].map(reasonOf)).toEqual(['live', 'live', 'live'])
    expect((await readEpochFile(second.dataDir))?.epoch).toBe(first.watch.seen()!.epoch)
  })

  it('an empty directory with nobody to vouch for it is frozen, joins by the operator’s word, and by HAWSER_VAULT_EPOCH', async () => {
    const first = await node('a')
    const { epoch } = first.watch.seen()!
    await first.stop()
    const [alone, alsoAlone] = await Promise.all([node('b'), node('c')])
    expect([reasonOf(alone), reasonOf(alsoAlone)]).toEqual(['unknown_directory', 'unknown_directory'])
    expect(await generation()).toBe(2)
    expect(reasonOf(await node('d', epoch))).toBe('live')
    await joinVault(db, alone.dataDir)
    await alone.becomes('live')
  })

  it('a take-over freezes everybody else on the database at once, and they may join', async () => {
    const [first, second] = [await node('a'), await node('b')]
    await takeOverVault(db, second.dataDir)
    await first.becomes('frozen')
    expect(reasonOf(first)).toBe('other_epoch')
    await second.becomes('live')
    await joinVault(db, first.dataDir)
    await first.becomes('live')
    expect(reasonOf(second)).toBe('live')
  })

  it('a file that is no epoch file stops the start', async () => {
    await (await node('a')).stop()
    await writeEpochFile(join(root, 'a'), { epoch: 'x', generation: 1 })
    await expect(node('a')).rejects.toThrow('vault join')
  })
})
