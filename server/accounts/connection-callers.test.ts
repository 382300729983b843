import { generateKeyPairSync } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { randomBytes } from 'node:crypto'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { SignJWT } from 'jose'
import { sql } from 'kysely'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createTestDatabase, type TestDatabase } from '@hawser/testkit/test-database.ts'
import type { Bus } from '#bus/bus.ts'
import { readConfig } from '#config.ts'
import { newId } from '#lib/ids.ts'
import type { Kit } from '../kit.ts'
import { openStore, type Store } from '../open-store.ts'
import { createConnectionCallers, type ConnectionCallers } from './connection-callers.ts'
import { hashOfConnectionToken, hintOfConnectionToken, newConnectionToken } from './connection-token.ts'
import { deleteOldTokens, insertToken } from './connection-token-store.ts'
import { readPublicKey } from './public-key.ts'
import { hashOfSecretKey, hintOfSecretKey, newSecretKey } from './secret-key.ts'
import { insertSigningKey } from './signing-key-store.ts'
import { findEnvironmentByName, insertKey } from './store.ts'

const MINUTE = 60_000
const signing = generateKeyPairSync('ed25519')
let database: TestDatabase
let dataDir: string
let store: Store
let kit: Kit
let environmentId: string
let uuid: string
let now: number
let listeners: Map<string, () => void>
let used: string[]
let usedTokens: string[]
let callers: ConnectionCallers

beforeAll(async () => {
  database = await createTestDatabase()
  dataDir = await mkdtemp(join(tmpdir(), 'hawser-callers-'))
  const env = { DATABASE_URL: database.url, HAWSER_ENCRYPTION_KEY: randomBytes(32).toString('base64'), HAWSER_DATA_DIR: dataDir }
  const read = readConfig({ env, dev: true, cwd: tmpdir() })
  if (!read.ok) throw new Error(read.problems.join('; '))
  store = await openStore(read.config)
  const bus: Bus = {
    on: (topic, listener) => {
      listeners.set(topic, () => listener(''))
      return () => {}
    },
    onGap: () => () => {},
    send: async () => {},
    close: async () => {},
  }
  kit = { db: store.db, config: read.config, clock: { now: () => now }, bus } as Kit
  environmentId = (await findEnvironmentByName(store.db.kysely, 'dev'))!.id
  uuid = newId()
  const integration = newId()
  await sql`insert into integration (id, environment_id, unique_key, provider, display_name) values (${integration}, ${environmentId}, 'sf', 'salesforce', 'sf')`.execute(
    store.db.kysely,
  )
  await sql`insert into connection (id, environment_id, integration_id, connection_id) values (${uuid}, ${environmentId}, ${integration}, 'acme')`.execute(
    store.db.kysely,
  )
})
afterAll(async () => {
  await store.close()
  await database.close()
  await rm(dataDir, { recursive: true })
})
beforeEach(() => {
  now = Date.now()
  listeners = new Map()
  used = []
  usedTokens = []
  callers = createConnectionCallers(kit, { key: (id) => void used.push(id), token: (id) => void usedTokens.push(id) })
})

async function newKey(more: { scopes?: string[]; expiresAt?: Date } = {}): Promise<string> {
  const secret = newSecretKey('dev')
  const id = newId()
  await insertKey(store.db.kysely, {
    ...{
      id,
      environmentId,
      displayName: id,
      hint: hintOfSecretKey(secret),
      secretHash: hashOfSecretKey(secret),
      scopes: ['environment:*'],
    },
    ...more,
  })
  return id
}

async function newToken(keyId: string, ms = 15 * MINUTE): Promise<string> {
  const token = newConnectionToken()
  const row = {
    ...{ id: newId(), environmentId, connectionUuid: uuid, maker: { apiKeyId: keyId }, tokenHash: hashOfConnectionToken(token) },
    ...{ displayName: undefined, hint: hintOfConnectionToken(token), limits: undefined },
  }
  expect(await insertToken(store.db.kysely, { ...row, expiresAt: new Date(now + ms) })).toBe(true)
  return token
}

async function newSigningKey(): Promise<string> {
  const { algorithm, pem, thumbprint } = await readPublicKey(signing.publicKey.export({ format: 'jwk' }) as Record<string, unknown>)
  const id = newId()
  await insertSigningKey(store.db.kysely, {
    ...{ id, environmentId, displayName: id, algorithm, publicKey: pem, thumbprint, limits: undefined, expiresAt: undefined },
  })
  return id
}

function jwt(kid: string, claims: Record<string, unknown> = {}): Promise<string> {
  const seconds = Math.floor(now / 1000)
  const payload = { sub: 'acme', integration: 'sf', aud: kit.config.publicUrl, iat: seconds, exp: seconds + 300, ...claims }
  return new SignJWT(payload).setProtectedHeader({ alg: 'EdDSA', kid }).sign(signing.privateKey)
}

const refused = { code: 'invalid_token', status: 401 }

describe('a connection token', () => {
  it('is asked for once; then it costs no statement, until its end', async () => {
    const keyId = await newKey()
    const token = await newToken(keyId, 10 * MINUTE)
    expect(await callers.of(token, 'a')).toMatchObject({ kind: 'connection', keyId, environmentId, connection: { uuid } })
    expect(callers.of(token, 'a')).not.toBeInstanceOf(Promise)
    expect([used, usedTokens.length]).toEqual([[keyId, keyId], 2])
    now += 10 * MINUTE
    expect(() => callers.of(token, 'a')).toThrow(expect.objectContaining(refused))
  })

  it('survives a restart, and is stored as a hash alone', async () => {
    const token = await newToken(await newKey())
    expect(await createConnectionCallers(kit, { key: () => {}, token: () => {} }).of(token, 'a')).toMatchObject({ connection: { uuid } })
    const { rows } = await sql`select * from connection_token`.execute(store.db.kysely)
    expect(JSON.stringify(rows)).not.toContain(token.slice(4))
  })

  it('ends with the key that made it, on the node that hears of it', async () => {
    const keyId = await newKey()
    const token = await newToken(keyId)
    await callers.of(token, 'a')
    await sql`delete from api_key where id = ${keyId}`.execute(store.db.kysely)
    listeners.get('api_key')!()
    await expect(callers.of(token, 'a')).rejects.toMatchObject(refused)
  })

  it('is worth no more than its key: not its scopes, not its time', async () => {
    const weak = await newKey({ scopes: ['environment:connection_tokens:write'] })
    await expect(callers.of(await newToken(weak), 'a')).rejects.toMatchObject(refused)
    const token = await newToken(await newKey({ expiresAt: new Date(now + MINUTE) }))
    await callers.of(token, 'a')
    now += MINUTE
    expect(() => callers.of(token, 'a')).toThrow(expect.objectContaining(refused))
  })

  it('14. guessing is slowed down, by address', async () => {
    for (let guess = 0; guess < 60; guess++) await expect(callers.of(newConnectionToken(), 'guesser')).rejects.toMatchObject(refused)
    await expect(callers.of(newConnectionToken(), 'guesser')).rejects.toMatchObject({ code: 'too_many_request' })
    await expect(callers.of(newConnectionToken(), 'other')).rejects.toMatchObject(refused)
  })

  it('that is over for an hour is deleted', async () => {
    const token = await newToken(await newKey(), -61 * MINUTE)
    await deleteOldTokens(store.db.kysely)
    const { rows } = await sql`select 1 from connection_token where token_hash = ${hashOfConnectionToken(token)}`.execute(store.db.kysely)
    expect(rows).toEqual([])
  })
})

describe('a JWT', () => {
  it('is checked once; then it costs no statement, and 60 s after its end it is refused', async () => {
    const kid = await newSigningKey()
    const token = await jwt(kid, { paths: ['/a/*'] })
    expect(await callers.of(token, 'a')).toMatchObject({
      keyId: kid,
      connection: { integrationKey: 'sf', connectionId: 'acme' },
      limits: [{ paths: ['/a/*'] }],
    })
    expect(callers.of(token, 'a')).not.toBeInstanceOf(Promise)
    now += 300_000 + 58_000
    expect(callers.of(token, 'a')).toMatchObject({ keyId: kid })
    now += 3_000
    expect(() => callers.of(token, 'a')).toThrow(expect.objectContaining(refused))
  })

  it('ends with its signing key, though it was checked before', async () => {
    const kid = await newSigningKey()
    const token = await jwt(kid)
    await callers.of(token, 'a')
    await sql`delete from signing_key where id = ${kid}`.execute(store.db.kysely)
    listeners.get('signing_key')!()
    await expect(callers.of(token, 'a')).rejects.toMatchObject(refused)
  })

  it.each([
    ['aud', { aud: 'https://elsewhere.example' }, /`aud` must be/],
    ['no aud', { aud: undefined }, /`aud` must be/],
    ['no exp', { exp: undefined }, /`exp`/],
    ['no iat', { iat: undefined }, /`iat`/],
    ['no sub', { sub: undefined }, /`sub`/],
    ['no integration', { integration: undefined }, /`integration`/],
    ['an unknown method', { methods: ['TRACE'] }, /`methods`/],
    ['no paths', { paths: [] }, /`paths`/],
    ['a path with dots', { paths: ['/a/../b'] }, /`paths`/],
    ['not yet valid', { nbf: Math.floor(Date.now() / 1000) + 1000 }, /`nbf`/],
  ])('%s is refused, and says so', async (_what, claims, message) => {
    const token = await jwt(await newSigningKey(), claims)
    await expect(callers.of(token, 'a')).rejects.toMatchObject({ ...refused, message: expect.stringMatching(message) })
  })

  it('one bit of its signature or payload makes it worthless', async () => {
    const token = await jwt(await newSigningKey())
    const [header, payload, signature] = token.split('.') as [string, string, string]
    const flipped = (text: string) => `${text.slice(0, 10)}${text[10] === 'A' ? 'B' : 'A'}${text.slice(11)}`
    for (const bad of [`${header}.${flipped(payload)}.${signature}`, `${header}.${payload}.${flipped(signature)}`])
      await expect(callers.of(bad, 'a')).rejects.toMatchObject(refused)
  })
})
