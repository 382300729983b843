import { randomBytes } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { GRANT_LABEL } from '#connections/open-credentials.ts'
import { readDataKey } from '#vault/generation.ts'
import { underRotationLock } from '#vault/rotation-lock.ts'
import { openStore } from './open-store.ts'
import { replaceEnvironmentKeys, replaceVaultKey, vaultStatus } from './rotate-keys.ts'
import {
  insertGrants,
  keysOf,
  readAll,
  remaining,
  rotateInChild,
  rotationWorld,
  startTraffic,
  untilRewrapped,
  type RotationWorld,
} from './rotation-rig.ts'
import { sealedColumns } from './sealed-places.ts'
import { secret } from '#lib/secret.ts'

let world: RotationWorld
beforeEach(async () => void (world = await rotationWorld()))
afterEach(() => world.close())

const grantRow = async (id: string) =>
  (
    await world.store.db.pool.query<{ data_key: Buffer; credentials: Buffer }>('select data_key, credentials from "grant" where id = $1', [
      id,
    ])
  ).rows[0]!

describe('a new key for an environment', () => {
  it('31. reaches every row under reads and writes, although the rotating process was killed; the old key is gone', async () => {
    const ids = await insertGrants(world, 2_000)
    const before = await grantRow(ids[0]!)
    const [server, other] = [await world.another(), await world.another()]
    const traffic = [startTraffic(world, server, ids), startTraffic(world, other, ids)]
    const print = server.vault.fingerprint(world.environmentId, 'a refresh token')

    const first = rotateInChild(world, 50)
    const rewrapped = await untilRewrapped(world, 300, first.child)
    first.child.kill('SIGKILL')
    await first.done
    expect(await remaining(world, 2)).toBeGreaterThan(0)
    expect(await keysOf(world)).toEqual({ current: 2, generations: [1, 2] })

    const second = rotateInChild(world, 200)
    expect(await second.done).toMatchObject({ code: 0 })
    for (const each of traffic) await each.stop()
    expect(traffic.flatMap((each) => each.failed)).toEqual([])
    expect(Math.min(...traffic.flatMap((each) => [each.reads, each.writes]))).toBeGreaterThan(10)
    expect(rewrapped).toBeLessThan(2_000)

    expect(await remaining(world, 2)).toBe(0)
    expect(await keysOf(world)).toEqual({ current: 2, generations: [2] })
    expect(await readAll(world)).toBe(ids.length)
    const fresh = await world.another()
    expect(() => fresh.vault.openSealed(world.environmentId, before.data_key, before.credentials, GRANT_LABEL, ids[0]!)).toThrow(
      'no key of generation 1',
    )
    expect(fresh.vault.fingerprint(world.environmentId, 'a refresh token')).toEqual(print)
    expect((await vaultStatus(world.store)).environments[0]).toMatchObject({
      name: 'dev',
      generation: 2,
      rotation: { step: 'finished', remaining: 0 },
    })
  })

  it('can be made again and again', async () => {
    const [id] = await insertGrants(world, 3)
    for (const generation of [2, 3, 4]) {
      await replaceEnvironmentKeys(world.store, { environment: 'dev', settleMs: 0 })
      expect(await keysOf(world)).toEqual({ current: generation, generations: [generation] })
    }
    expect(readDataKey((await grantRow(id!)).data_key).generation).toBe(4)
    expect(await readAll(world)).toBe(3)
  })

  it('leaves a row that does not open as it is, and says which', async () => {
    const [one, two] = await insertGrants(world, 2)
    const { data_key } = await grantRow(one!)
    await world.store.db.pool.query('update "grant" set data_key = $2 where id = $1', [two, data_key])
    const [done] = await replaceEnvironmentKeys(world.store, { environment: 'dev', settleMs: 0 })
    expect(done).toMatchObject({ step: 'finished', damaged: [`grant.data_key ${two}`] })
    expect((await grantRow(two!)).data_key).toEqual(data_key)
  })

  it('is refused to a second process meanwhile', async () => {
    await underRotationLock(world.store.db, async () => {
      await expect(replaceEnvironmentKeys(world.store, { settleMs: 0 })).rejects.toThrow('another process rotates keys')
    })
  })

  it('32. makes the database refuse rows of a process that slept through it', async () => {
    const asleep = await world.another({ staleKeysAfterMs: 600_000 })
    await replaceEnvironmentKeys(world.store, { environment: 'dev', settleMs: 0 })
    await expect(insertGrants(world, 1, asleep)).rejects.toThrow('rotated away')
  })

  it('covers tokens that wait in jobs to be revoked', async () => {
    const { store, environmentId, integrationId } = world
    const { data_key, ciphertext } = store.vault.sealNew(environmentId, 'revocation', integrationId, 'a token')
    const payload = {
      environmentId,
      integrationId,
      label: 'revocation',
      dataKey: data_key.toString('base64'),
      sealed: ciphertext.toString('base64'),
    }
    await store.db.pool.query(`select graphile_worker.add_job('revoke-grant', $1::json)`, [JSON.stringify(payload)])
    await replaceEnvironmentKeys(store, { environment: 'dev', settleMs: 0 })
    const { rows } = await store.db.pool.query<{ payload: typeof payload }>('select payload from graphile_worker._private_jobs')
    const { vault } = await world.another()
    const dataKey = Buffer.from(rows[0]!.payload.dataKey, 'base64')
    expect(
      vault.openSealed(environmentId, dataKey, Buffer.from(rows[0]!.payload.sealed, 'base64'), 'revocation', integrationId).toString(),
    ).toBe('a token')
  })
})

describe('the places that a rotation visits', () => {
  it('are all columns of data keys that there are', async () => {
    const { rows } = await world.store.db.pool.query<{ place: string }>(
      `select table_name || '.' || column_name as place from information_schema.columns where table_schema = 'public' and column_name like '%data\\_key' order by 1`,
    )
    expect(rows.map(({ place }) => place)).toEqual(sealedColumns.map(({ table, column }) => `${table}.${column}`).sort())
  })
})

describe('a new vault key', () => {
  it('opens everything in place of the old one; servers that run go on', async () => {
    const ids = await insertGrants(world, 20)
    const running = await world.another({ staleKeysAfterMs: 1 })
    const spool = running.key.derive('spool')
    const text = randomBytes(32).toString('base64')
    const replaced = await replaceVaultKey({ ...world.config, newEncryptionKey: secret(text) }, world.store, false)
    expect(replaced).toMatchObject({ environments: 2, kind: 'environment' })
    const row = await grantRow(ids[0]!)
    await running.vault.ready(world.environmentId)
    expect(running.vault.openSealed(world.environmentId, row.data_key, row.credentials, GRANT_LABEL, ids[0]!).toString()).toBe(
      `${ids[0]}:1`,
    )
    await expect(openStore(world.config)).rejects.toThrow('the vault key is the wrong one')
    const restarted = await openStore({ ...world.config, encryptionKey: secret(text) })
    try {
      expect(restarted.vault.openSealed(world.environmentId, row.data_key, row.credentials, GRANT_LABEL, ids[0]!).toString()).toBe(
        `${ids[0]}:1`,
      )
      expect(restarted.key.derive('spool').equals(spool)).toBe(true)
      expect((await vaultStatus(restarted)).key).toEqual({ id: replaced.to, kind: 'local' })
      expect(JSON.stringify(await vaultStatus(restarted))).not.toContain(text)
    } finally {
      await restarted.close()
    }
  })

  it('must be given where the present one is from a setting', async () => {
    await expect(replaceVaultKey(world.config, world.store, false)).rejects.toThrow('HAWSER_NEW_ENCRYPTION_KEY')
  })
})
