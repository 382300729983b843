import { sql } from 'kysely'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createTestDatabase, type TestDatabase } from '@hawser/testkit/test-database.ts'
import { fail } from '@hawser/api/errors.ts'
import { clientOf } from '#integrations/oauth-client.ts'
import { newId } from '#lib/ids.ts'
import { reveal } from '#lib/secret.ts'
import { openIssueOn } from './open-issue-for-tests.ts'
import { openIssuesOf } from '#issues/open-issues-of.ts'
import type { OAuth2Credentials } from './connection.ts'
import type { StoredIntegration } from '#integrations/integration.ts'
import type { SaveConnection } from './connections.ts'
import {
  accessToken,
  addIntegration,
  createNode,
  createWorld,
  deafBus,
  environmentId,
  failureOf,
  otherEnvironmentId,
  type Node,
  type World,
} from './node-for-tests.ts'

let test: TestDatabase
let world: World
let node: Node
let integration: StoredIntegration

beforeAll(async () => {
  test = await createTestDatabase()
  world = await createWorld(test.url)
  node = await createNode(world)
})
beforeEach(async () => {
  integration = await addIntegration(node)
  node.events.length = 0
  node.changes.length = 0
  await sql`delete from graphile_worker._private_jobs`.execute(node.db.kysely)
})
afterAll(async () => {
  await world.close()
  await test.close()
})

function tokens(name: string): OAuth2Credentials {
  return { type: 'OAUTH2', access_token: `at-${name}`, refresh_token: `rt-${name}`, raw: {} }
}

function input(changes: Partial<SaveConnection> = {}): SaveConnection {
  return {
    ...{ environmentId, environmentName: 'dev', integration, authMode: 'OAUTH2', credentials: tokens(newId()) },
    ...{ client: { kind: 'integration' }, connectionConfig: {}, actor: { kind: 'key', id: 'k' } },
    ...changes,
  }
}

async function grants(): Promise<{ id: string; version: number; fingerprint: Buffer | null }[]> {
  const { rows } = await sql<{ id: string; version: number; fingerprint: Buffer | null }>`
    select id, version, fingerprint from "grant" where integration_id = ${integration.id}`.execute(node.db.kysely)
  return rows
}

async function jobs(): Promise<string[]> {
  const { rows } = await sql<{ task: string }>`
    select t.identifier as task from graphile_worker._private_jobs j join graphile_worker._private_tasks t on t.id = j.task_id`.execute(
    node.db.kysely,
  )
  return rows.map((row) => row.task)
}

describe('saving a connection', () => {
  it('makes it, with a uuid for a name if none is given, and tells about it', async () => {
    const { connection, operation } = await node.connections.save(input({ metadata: { a: 1 }, tags: { plan: 'pro' } }))
    expect(operation).toBe('creation')
    expect(connection).toMatchObject({ metadata: { a: 1 }, tags: { plan: 'pro' }, connectionId: expect.stringMatching(/^[0-9a-f-]{36}$/) })
    expect(node.events).toMatchObject([{ operation: 'creation', integrationKey: integration.uniqueKey, connection: { id: connection.id } }])
    expect(node.changes).toMatchObject([{ action: 'connection.created', actor: { kind: 'key', id: 'k' } }])
  })

  it('renews the one of that name, and keeps metadata, tags, end user and webhook unless given', async () => {
    const endUser = { id: 'u', display_name: null, email: null, tags: null, organization: null }
    const described = { metadata: { a: 1 }, tags: { plan: 'pro' }, endUser, webhookUrlOverride: 'https://hook.example' }
    const first = await node.connections.save(
      input({ connectionId: 'acme', connectionConfig: { instance_url: 'x', kept: 1 }, ...described }),
    )
    const second = await node.connections.save(input({ connectionId: 'acme', connectionConfig: { instance_url: 'y' }, tags: {} }))
    expect(second).toMatchObject({ operation: 'override', connection: { id: first.connection.id, ...described, tags: {} } })
    expect(second.connection.connectionConfig).toEqual({ instance_url: 'y', kept: 1 })
  })

  it('a reconnect renews exactly its row, and fails if that is gone or of another integration', async () => {
    const { connection } = await node.connections.save(input())
    const again = await node.connections.save(input({ reconnects: connection.id, credentials: tokens('again') }))
    expect(again).toMatchObject({ operation: 'override', connection: { id: connection.id, connectionId: connection.connectionId } })
    expect((await failureOf(() => node.connections.save(input({ reconnects: newId() })))).code).toBe('invalid_connection')
    const other = await addIntegration(node)
    expect((await failureOf(() => node.connections.save(input({ reconnects: connection.id, integration: other })))).code).toBe(
      'invalid_connection',
    )
    const foreign = input({ reconnects: connection.id, environmentId: otherEnvironmentId })
    expect((await failureOf(() => node.connections.save(foreign))).code).toBe('invalid_connection')
  })

  it('two at once of one name become one row', async () => {
    const saved = await Promise.all(Array.from({ length: 6 }, () => node.connections.save(input({ connectionId: 'same' }))))
    expect(new Set(saved.map((one) => one.connection.id)).size).toBe(1)
    expect(saved.filter((one) => one.operation === 'creation')).toHaveLength(1)
    expect(await grants()).toHaveLength(1)
  })

  it('25. imports of one refresh token share one grant, also at once, and the later tokens count', async () => {
    const credentials = tokens('shared')
    const saved = await Promise.all(Array.from({ length: 5 }, () => node.connections.save(input({ credentials }))))
    expect(new Set(saved.map((one) => one.connection.grantId)).size).toBe(1)
    await node.connections.save(input({ credentials: { ...credentials, access_token: 'at-later' } }))
    expect(await grants()).toMatchObject([{ version: 6 }])
    const live = await node.connections.findById(environmentId, saved[0]!.connection.id)
    expect(accessToken(await node.connections.fresh(live))).toBe('at-later')
  })

  it('7. the same refresh token in another integration is another grant, with another ciphertext', async () => {
    const credentials = tokens('twice')
    const one = await node.connections.save(input({ credentials }))
    const two = await node.connections.save(input({ credentials, integration: await addIntegration(node) }))
    expect(one.connection.grantId).not.toBe(two.connection.grantId)
  })

  it('what goes alongside is part of the transaction', async () => {
    const failing = input({ connectionId: 'never', alongside: async () => Promise.reject(new Error('no')) })
    await expect(node.connections.save(failing)).rejects.toThrow('no')
    expect((await failureOf(async () => node.connections.find(environmentId, integration.uniqueKey, 'never'))).code).toBe(
      'unknown_connection',
    )
    expect([await grants(), node.changes]).toEqual([[], []])
  })

  it('closes the issues of the connection', async () => {
    const { connection } = await node.connections.save(input())
    await openIssueOn(node, connection.id, 'refresh_failed')
    await node.connections.save(input({ reconnects: connection.id }))
    expect(await openIssuesOf(node.db.kysely, [connection.id])).toEqual(new Map())
  })

  it('this node serves the new tokens at once', async () => {
    const deaf = await createNode(world, { bus: deafBus() })
    const { connection } = await deaf.connections.save(input({ credentials: tokens('old') }))
    const before = await deaf.connections.findById(environmentId, connection.id)
    await deaf.connections.save(input({ reconnects: connection.id, credentials: tokens('new') }))
    const after = await deaf.connections.findById(environmentId, connection.id)
    expect(accessToken(await deaf.connections.fresh(after))).toBe('at-new')
    // The version that was refused is another grant's.
    expect(accessToken(await deaf.connections.fresh(before, { notVersion: 1 }))).toBe('at-new')
    expect(world.endpoint.requests).toEqual([])
  })
})

describe('the app of a connection’s own', () => {
  it('is kept sealed, minted grants refresh with it, and a former one goes with its grants', async () => {
    const own = (clientId: string, clientSecret: string) => ({ kind: 'own', clientId, clientSecret }) as const
    const { connection } = await node.connections.save(input({ client: own('customer-app', 'customer-secret') }))
    const live = await node.connections.findById(environmentId, connection.id)
    const loaded = await clientOf({ db: node.db.kysely, vault: world.vault }, integration.id, live.grant!.oauthClientId)
    expect([loaded?.clientId, loaded?.own, reveal(loaded!.clientSecret!)]).toEqual(['customer-app', true, 'customer-secret'])
    await node.connections.save(input({ reconnects: connection.id, client: own('second-app', 'second-secret') }))
    const { rows } = await sql<{ client_id: string; secret: Buffer }>`
      select client_id, secret from oauth_client where connection_id = ${connection.id}`.execute(node.db.kysely)
    expect(rows.map((row) => row.client_id)).toEqual(['second-app'])
    expect(rows[0]!.secret.includes('second-secret')).toBe(false)
  })

  it('gets its new secret in place', async () => {
    const own = (clientSecret: string) => ({ kind: 'own', clientId: 'app', clientSecret }) as const
    const { connection } = await node.connections.save(input({ client: own('one') }))
    const before = (await node.connections.findById(environmentId, connection.id)).grant!.oauthClientId
    await node.connections.save(input({ reconnects: connection.id, client: own('two') }))
    const live = await node.connections.findById(environmentId, connection.id)
    const loaded = await clientOf({ db: node.db.kysely, vault: world.vault }, integration.id, live.grant!.oauthClientId)
    expect([live.grant!.oauthClientId, reveal(loaded!.clientSecret!)]).toEqual([before, 'two'])
  })
})

describe('the grant that a reconnect leaves behind', () => {
  it('is deleted and revoked if nobody else lives on it', async () => {
    const { connection } = await node.connections.save(input({ credentials: tokens('left') }))
    await node.connections.save(input({ reconnects: connection.id }))
    expect(await grants()).toHaveLength(1)
    expect(await jobs()).toEqual(['revoke-grant'])
  })

  it('stays while another connection lives on it', async () => {
    const credentials = tokens('held')
    const { connection } = await node.connections.save(input({ credentials }))
    await node.connections.save(input({ credentials }))
    await node.connections.save(input({ reconnects: connection.id }))
    expect(await grants()).toHaveLength(2)
    expect(await jobs()).toEqual([])
  })

  it('stays when the same refresh token comes again', async () => {
    const credentials = tokens('same')
    const { connection } = await node.connections.save(input({ credentials }))
    await node.connections.save(input({ reconnects: connection.id, credentials }))
    expect([await grants(), await jobs()]).toMatchObject([[{ version: 2 }], []])
  })

  it('is not revoked where that would end the new one too', async () => {
    const careful = await createNode(world, { revocationOf: () => ({ url: 'https://login.example/revoke', endsOnlyItself: false }) })
    const { connection } = await careful.connections.save(input())
    await careful.connections.save(input({ reconnects: connection.id }))
    expect(await grants()).toHaveLength(1)
    expect(await jobs()).toEqual([])
  })
})

it('says that the tokens are stored before anything can fail that comes after', async () => {
  const seen: string[] = []
  const failing = await createNode(world, {
    audit: {
      disclosed: async () => {},
      used: () => {},
      changed: async () => {
        seen.push('audit')
        throw fail('credentials_unavailable')
      },
    },
  })
  const code = (await failureOf(() => failing.connections.save(input({ stored: () => void seen.push('stored') })))).code
  expect([code, seen, (await grants()).length]).toEqual(['credentials_unavailable', ['stored', 'audit'], 1])
})
