import { mkdtemp, readFile, rm, stat, unlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { randomBytes } from 'node:crypto'
import { sql } from 'kysely'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createTestDatabase, type TestDatabase } from '@hawser/testkit/test-database.ts'
import { readConfig, type Config } from '#config.ts'
import { hash } from 'node:crypto'
import { systemClock } from '#lib/clock.ts'
import type { Call, Handler } from '#http/handler.ts'
import type { KeyPrincipal } from '#http/principal.ts'
import type { Route } from '@hawser/api/route.ts'
import type { Kit } from '../kit.ts'
import { openStore, type Store } from '../open-store.ts'
import { createApiKeyHandler } from './create-api-key.ts'
import { deleteApiKeyHandler } from './delete-api-key.ts'
import { devKeyFile, ensureDevKey } from './dev-key.ts'
import { getEnvironmentHandler, updateEnvironmentHandler } from './environment-settings.ts'
import { listApiKeysHandler } from './list-api-keys.ts'
import type { RecordChange } from './record-change.ts'
import { hashOfSecretKey, hintOfSecretKey, newSecretKey } from './secret-key.ts'
import { findEnvironmentByName, findKeyByHash, recordKeyUse, listKeys } from './store.ts'

const ENCRYPTION_KEY = randomBytes(32).toString('base64')
const PRESET = '123E4567-E89B-42D3-A456-426614174000'

const CALLER = { dev: '018f0000-0000-7000-8000-000000000000', prod: '018f0000-0000-7000-8000-000000000001' } as const

let database: TestDatabase
let dataDir: string
let store: Store
let kit: Kit
let changes: string[]
let entries: Parameters<RecordChange>[0][]

const configOf = (env: Record<string, string>): Config => {
  const read = readConfig({
    env: { DATABASE_URL: database.url, HAWSER_ENCRYPTION_KEY: ENCRYPTION_KEY, HAWSER_DATA_DIR: dataDir, ...env },
    dev: true,
    cwd: tmpdir(),
  })
  if (!read.ok) throw new Error(read.problems.join('; '))
  return read.config
}

beforeAll(async () => {
  database = await createTestDatabase()
  dataDir = await mkdtemp(join(tmpdir(), 'hawser-accounts-'))
  const config = configOf({ HAWSER_SECRET_KEY_PROD: PRESET, HAWSER_SECRET_KEY_STAGING: newSecretKey('staging') })
  store = await openStore(config)
  kit = { db: store.db, vault: store.vault, config, clock: systemClock } as Kit
  for (const [name, id] of Object.entries(CALLER))
    await sql`insert into api_key (id, environment_id, display_name, hint, secret_hash, scopes)
      select ${id}, id, 'the caller', '', ${Buffer.from(id)}, '{environment:*}' from environment where name = ${name}`.execute(
      store.db.kysely,
    )
})
afterAll(async () => {
  await store.close()
  await database.close()
  await rm(dataDir, { recursive: true })
})
beforeEach(() => {
  changes = []
  entries = []
})

const recordChange: RecordChange = async (entry) => {
  changes.push(entry.action)
  entries.push(entry)
}

async function as(environment: string, scopes = ['environment:*']): Promise<KeyPrincipal> {
  const found = await findEnvironmentByName(store.db.kysely, environment)
  return {
    kind: 'key',
    keyId: CALLER[environment === 'dev' ? 'dev' : 'prod'],
    environmentId: found!.id,
    environmentName: environment,
    scopes,
  }
}
const call = (handler: Handler, principal: KeyPrincipal, input: Partial<Call<Route>> = {}) =>
  handler.handle({ principal, ...input } as Call<Route>) as Promise<{
    data: Record<string, never> & { secret: string; id: string; webhook_signing_key: string }
  }>

describe('environments', () => {
  it('dev and prod are there from the start, and those that preset keys name', async () => {
    for (const name of ['dev', 'prod', 'staging']) expect(await findEnvironmentByName(store.db.kysely, name)).toBeDefined()
  })

  it('preset keys work, a UUID in capitals or not', async () => {
    expect(await findKeyByHash(store.db.kysely, hashOfSecretKey(PRESET.toLowerCase()))).toMatchObject({
      environmentName: 'prod',
      scopes: ['environment:*'],
    })
  })

  it('a second start changes nothing', async () => {
    const count = async () => (await sql<{ n: number }>`select count(*) as n from api_key`.execute(store.db.kysely)).rows[0]!.n
    const before = await count()
    const again = await openStore(configOf({ HAWSER_SECRET_KEY_PROD: PRESET }))
    await again.close()
    expect(await count()).toBe(before)
  })

  it('a preset key of another environment is refused at the start', async () => {
    await expect(openStore(configOf({ HAWSER_SECRET_KEY_DEV: PRESET }))).rejects.toThrow('belongs to the environment "prod"')
  })

  it('security 31: another vault key is named at the start, and nothing is written with it', async () => {
    await expect(openStore(configOf({ HAWSER_ENCRYPTION_KEY: randomBytes(32).toString('base64') }))).rejects.toMatchObject({
      code: 'ERR_WRONG_VAULT_KEY',
    })
  })

  it('show the callback URL to enter at Salesforce, and the webhook key to those who may', async () => {
    const full = await call(getEnvironmentHandler(kit, recordChange), await as('dev'))
    expect(full.data).toMatchObject({
      name: 'dev',
      callback_url: 'http://localhost:3003/oauth/callback',
      webhook_url: null,
      webhook_signing_key: expect.stringMatching(/^whsec_/),
      refused_org_kinds: [],
    })
    const reader = await call(getEnvironmentHandler(kit, recordChange), await as('dev', ['environment:settings:read']))
    expect(reader.data.webhook_signing_key).toBeNull()
  })

  it('take a callback URL of their own, and give it up again', async () => {
    const update = async (body: object) => call(updateEnvironmentHandler(kit, recordChange), await as('dev'), { body } as never)
    expect((await update({ callback_url: 'https://app.example.com/cb', webhook_url: 'https://app.example.com/hook' })).data).toMatchObject({
      callback_url: 'https://app.example.com/cb',
      webhook_url: 'https://app.example.com/hook',
    })
    expect((await update({ callback_url: '' })).data).toMatchObject({
      callback_url: 'http://localhost:3003/oauth/callback',
      webhook_url: 'https://app.example.com/hook',
    })
    await expect(update({ callback_url: 'http://app.example.com/cb' })).rejects.toMatchObject({ code: 'invalid_body' })
    await expect(update({ callback_url: 'https://app.example.com/cb#x' })).rejects.toMatchObject({ code: 'invalid_body' })
    expect((await call(getEnvironmentHandler(kit, recordChange), await as('prod'))).data.webhook_url).toBeNull()
  })

  it('name the kinds of org that nobody may connect, each environment its own', async () => {
    const update = async (body: object) => call(updateEnvironmentHandler(kit, recordChange), await as('dev'), { body } as never)
    expect((await update({ refused_org_kinds: ['production', 'unknown'] })).data.refused_org_kinds).toEqual(['production', 'unknown'])
    expect((await update({ webhook_url: '' })).data.refused_org_kinds).toEqual(['production', 'unknown'])
    expect((await call(getEnvironmentHandler(kit, recordChange), await as('prod'))).data.refused_org_kinds).toEqual([])
    expect((await update({ refused_org_kinds: [] })).data.refused_org_kinds).toEqual([])
  })

  it('hold the look of the hosted page; what is left out stays', async () => {
    const update = async (connectUi: object) =>
      (await call(updateEnvironmentHandler(kit, recordChange), await as('dev'), { body: { connect_ui: connectUi } } as never)).data
        .connect_ui
    const png = `data:image/png;base64,${Buffer.from('89504e470d0a1a0a00', 'hex').toString('base64')}`
    const own = { logo: null, default_theme: 'system', light_primary: null, dark_primary: null, show_watermark: false }
    expect(await update({})).toEqual(own)
    expect(await update({ logo: png })).toEqual({ ...own, logo: png })
    expect(await update({ light_primary: '#ff0055', default_theme: 'dark' })).toEqual({
      ...own,
      logo: png,
      light_primary: '#ff0055',
      default_theme: 'dark',
    })
    expect(await update({ logo: null, light_primary: null, default_theme: 'system' })).toEqual(own)
    await expect(update({ logo: 'data:image/svg+xml;base64,PHN2Zy8+' })).rejects.toMatchObject({ code: 'invalid_body' })
  })

  it('34. leave a trace of each change and of no refused one, which says who, and holds no secret of a webhook URL', async () => {
    const principal = await as('dev')
    const update = (body: object) => call(updateEnvironmentHandler(kit, recordChange), principal, { body } as never)
    await expect(update({ callback_url: 'http://app.example.com/cb' })).rejects.toMatchObject({ code: 'invalid_body' })
    expect(entries).toEqual([])
    await update({ callback_url: '', webhook_url: 'https://user:hunter2@app.example.com/hook/hunter2?key=hunter2' })
    expect(entries).toEqual([
      {
        environmentId: principal.environmentId,
        actor: { kind: 'key', id: principal.keyId },
        action: 'environment.update',
        subject: { callback_url: '', webhook_host: 'app.example.com' },
      },
      // The answer shows it to a key that may change settings.
      expect.objectContaining({ action: 'environment.read_webhook_signing_key' }),
    ])
    await update({ webhook_url: '' })
    expect(entries.at(-2)!.subject).toEqual({ webhook_host: '' })
  })

  it('security 6: the webhook key and the wrapped keys are not readable in the database', async () => {
    const settings = (await call(getEnvironmentHandler(kit, recordChange), await as('dev'))).data
    const { rows } = await sql<{ text: string }>`select encode(webhook_key, 'escape') as text from environment where name = 'dev'`.execute(
      store.db.kysely,
    )
    expect(rows[0]!.text).not.toContain(settings.webhook_signing_key.slice(6))
  })
})

describe('API keys', () => {
  it('have 256 random bits, and are stored as a hash only', async () => {
    const key = newSecretKey('dev')
    expect(key).toMatch(/^hws_dev_[0-9A-Za-z]{43}$/)
    expect(newSecretKey('my-env_1')).toMatch(/^hws_myenv1_/)
    expect(hashOfSecretKey(key)).toEqual(hash('sha256', key, 'buffer'))
    expect(key.startsWith(hintOfSecretKey(key).slice(0, -1))).toBe(true)
    expect(hintOfSecretKey(key)).toHaveLength('hws_dev_'.length + 5)
  })

  it('are made, listed without secret, and revoked', async () => {
    const created = (await call(createApiKeyHandler(kit, recordChange), await as('dev'), { body: { display_name: 'server' } } as never))
      .data
    expect(created.secret).toMatch(/^hws_dev_/)
    expect(await findKeyByHash(store.db.kysely, hashOfSecretKey(created.secret))).toMatchObject({ environmentName: 'dev' })
    const listed = (await call(listApiKeysHandler(kit), await as('dev'))).data
    expect(JSON.stringify(listed)).not.toContain(created.secret)
    expect(listed).toContainEqual(expect.objectContaining({ id: created.id, display_name: 'server', last_used_at: null }))
    await expect(
      call(deleteApiKeyHandler(kit, recordChange), await as('prod'), { params: { keyId: created.id }, query: { cascade: false } } as never),
    ).rejects.toMatchObject({ code: 'not_found' })
    await call(deleteApiKeyHandler(kit, recordChange), await as('dev'), {
      params: { keyId: created.id },
      query: { cascade: false },
    } as never)
    expect(await findKeyByHash(store.db.kysely, hashOfSecretKey(created.secret))).toBeUndefined()
    expect(changes).toContain('api_key.create')
    expect(changes).toContain('api_key.revoke')
  })

  it('make none once they are revoked, also on a node that has not heard of it yet', async () => {
    const revoked = { ...(await as('dev')), keyId: '018f0000-0000-7000-8000-00000000dead' }
    await expect(
      call(createApiKeyHandler(kit, recordChange), revoked, { body: { display_name: 'too late' } } as never),
    ).rejects.toMatchObject({ code: 'unknown_account', status: 401 })
    expect((await listKeys(store.db.kysely, revoked.environmentId)).map((key) => key.display_name)).not.toContain('too late')
  })

  it('cannot hand on what they do not hold', async () => {
    const make = async (own: string[], wanted: string[]) =>
      call(createApiKeyHandler(kit, recordChange), await as('dev', own), { body: { display_name: wanted.join(), scopes: wanted } } as never)
    await expect(make(['environment:api_keys:write'], ['environment:proxy'])).rejects.toMatchObject({ code: 'forbidden' })
    await expect(make(['environment:api_keys:*'], ['environment:*'])).rejects.toMatchObject({ code: 'forbidden' })
    await expect(make(['environment:connections:*', 'environment:api_keys:write'], ['environment:connections:read'])).resolves.toBeDefined()
  })

  it('have names of their own', async () => {
    const make = async () => call(createApiKeyHandler(kit, recordChange), await as('dev'), { body: { display_name: 'twice' } } as never)
    await make()
    await expect(make()).rejects.toMatchObject({ code: 'conflict', status: 409 })
  })

  it('remember their last use, which never moves back', async () => {
    const [key] = await listKeys(store.db.kysely, (await as('prod')).environmentId)
    await recordKeyUse(store.db.kysely, [{ id: key!.id, at: new Date('2026-01-02') }])
    await recordKeyUse(store.db.kysely, [{ id: key!.id, at: new Date('2026-01-01') }])
    expect((await listKeys(store.db.kysely, (await as('prod')).environmentId))[0]!.last_used_at).toEqual(new Date('2026-01-02'))
  })

  it('of dev lies in the data directory, for its owner only, and comes back when it was lost', async () => {
    const secret = await ensureDevKey(store.db.kysely, dataDir)
    expect((await stat(devKeyFile(dataDir))).mode & 0o777).toBe(0o600)
    expect((await readFile(devKeyFile(dataDir), 'utf8')).trim()).toBe(secret)
    expect(await ensureDevKey(store.db.kysely, dataDir)).toBe(secret)
    await unlink(devKeyFile(dataDir))
    const another = await ensureDevKey(store.db.kysely, dataDir)
    expect(another).not.toBe(secret)
    expect(await findKeyByHash(store.db.kysely, hashOfSecretKey(another))).toMatchObject({ environmentName: 'dev' })
  })

  it('of dev is made anew when a start was cut off while it was written', async () => {
    await writeFile(devKeyFile(dataDir), '')
    const secret = await ensureDevKey(store.db.kysely, dataDir)
    expect(secret).toMatch(/^hws_dev_/)
    expect((await readFile(devKeyFile(dataDir), 'utf8')).trim()).toBe(secret)
    expect((await stat(devKeyFile(dataDir))).mode & 0o777).toBe(0o600)
  })
})
