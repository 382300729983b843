import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { sql } from 'kysely'
import { newId } from '#lib/ids.ts'
import { clientCalls, failureOf } from './client-calls-for-tests.ts'
import { createRig, environmentId, foreignKey, type Rig } from './integrations-rig.ts'
import { addClient, keepMintingClient } from './oauth-client.ts'
import { removeUnused } from './oauth-client-store.ts'

let rig: Rig
let calls: ReturnType<typeof clientCalls>
beforeAll(async () => {
  rig = await createRig()
  calls = clientCalls(rig)
})
beforeEach(async () => {
  await rig.empty()
  const credentials = { type: 'OAUTH2', client_id: 'app-1', client_secret: 'secret-1' }
  await rig.ask('createIntegration', { body: { provider: 'salesforce', unique_key: 'sf', credentials } })
  rig.changes.length = 0
})
afterAll(() => rig.close())

const params = { uniqueKey: 'sf' }
const list: typeof calls.list = (...input) => calls.list(...input)
const named: typeof calls.named = (...input) => calls.named(...input)
const forget: typeof calls.forget = (...input) => calls.forget(...input)
const patch: typeof calls.patch = (...input) => calls.patch(...input)
const connection: typeof calls.connection = (...input) => calls.connection(...input)
const signIn: typeof calls.signIn = (...input) => calls.signIn(...input)
const clientOfGrant: typeof calls.clientOfGrant = (...input) => calls.clientOfGrant(...input)

describe('GET /integrations/:uniqueKey/clients', () => {
  it('counts the connections of each set, and shows no secret', async () => {
    for (let n = 0; n < 3; n++) await connection('app-1')
    await connection('app-1', 'dead', { code: 'invalid_credentials' })
    await patch('app-2')
    await connection('app-2')
    const answer = await list()
    expect(answer).toMatchObject([
      { client_id: 'app-2', state: 'active', has_secret: true, connections: 1, broken_connections: 0, succeeds: null, retired_at: null },
      { client_id: 'app-1', state: 'retired', connections: 4, broken_connections: 1, succeeds: null, retired_at: expect.any(String) },
    ])
    expect(JSON.stringify(answer)).not.toContain('secret-1')
  })

  it('does not show the apps of single connections', async () => {
    await connection('app-1', 'c')
    const { rows } = await sql<{ id: string }>`select id from connection`.execute(rig.db.kysely)
    const own = { environmentId, integrationId: await rig.idOf(), connectionId: rows[0]!.id, clientId: 'own', clientSecret: undefined }
    const id = await addClient(rig.db.kysely, undefined as never, own)
    expect((await list()).map((client) => client.client_id)).toEqual(['app-1'])
    expect((await failureOf(() => forget(id))).code).toBe('not_found')
  })

  it('404 for another environment, in all that is done to clients', async () => {
    const { id } = (await list())[0]!
    const calls: [string, object][] = [
      ['listIntegrationClients', {}],
      ['stageIntegrationClient', { body: { client_id: 'x', client_secret: 'y' } }],
      ['promoteIntegrationClient', {}],
      ['deleteStagedIntegrationClient', {}],
      ['deleteIntegrationClient', { params: { ...params, clientRowId: id } }],
      ['recordAppMigration', { body: { state: 'announced' } }],
    ]
    for (const [name, input] of calls)
      expect((await rig.refusal(name, { params, principal: foreignKey, ...input })).code, name).toBe('not_found')
    expect(await list()).toMatchObject([{ id, state: 'active' }])
  })
})

describe('DELETE /integrations/:uniqueKey/clients/:clientRowId', () => {
  it('refuses while a connection lives on it, naming some, and never touches a grant', async () => {
    const grants = []
    for (let n = 0; n < 7; n++) grants.push(await connection('app-1', `c-${n}`))
    await patch('app-2')
    const { code, details } = await failureOf(async () => forget((await named('app-1')).id))
    expect([code, details.payload]).toEqual([
      'client_in_use',
      { connections: 7, sign_ins: 0, examples: ['c-0', 'c-1', 'c-2', 'c-3', 'c-4'] },
    ])
    expect(await Promise.all(grants.map(clientOfGrant))).toEqual(grants.map(() => 'app-1'))
  })

  it('refuses the active one; an unused former one goes, and nothing else', async () => {
    await connection('app-1', 'c')
    await patch('app-2')
    await connection('app-2', 'd')
    expect((await failureOf(async () => forget((await named('app-2')).id))).code).toBe('client_in_use')
    await sql`delete from "grant" where oauth_client_id = ${(await named('app-1')).id}`.execute(rig.db.kysely)
    const { id } = await named('app-1')
    expect(await forget(id)).toEqual({ success: true, moved_connections: 0 })
    expect(await list()).toMatchObject([{ client_id: 'app-2', connections: 1 }])
    expect((await failureOf(() => forget(id))).code).toBe('not_found')
    expect(rig.changes.at(-1)).toMatchObject({ action: 'integration.client_deleted', subject: { integration: 'sf', client_id: 'app-1' } })
  })

  it('refuses while a sign-in is under way that began with it; PATCH leaves it there, too', async () => {
    await signIn('app-1')
    await patch('app-2')
    const { code, details } = await failureOf(async () => forget((await named('app-1')).id))
    expect([code, details.payload]).toEqual(['client_in_use', { connections: 0, sign_ins: 1, examples: [] }])
    await sql`update pending_oauth set deadline = hawser_now() - interval '1 s'`.execute(rig.db.kysely)
    await forget((await named('app-1')).id)
    expect((await list()).map((client) => client.client_id)).toEqual(['app-2'])
  })

  it('waits for whoever is storing a grant of it, and then sees that grant', async () => {
    const { id } = await named('app-1')
    const stored = Promise.withResolvers<void>()
    const commit = Promise.withResolvers<void>()
    const saving = rig.db.kysely.transaction().execute(async (transaction) => {
      await keepMintingClient(transaction, undefined as never, { environmentId, integrationId: await rig.idOf() }, undefined)
      await sql`insert into "grant" (id, environment_id, integration_id, oauth_client_id, auth_mode, data_key, credentials)
        values (${newId()}, ${environmentId}, ${await rig.idOf()}, ${id}, 'OAUTH2', '', '')`.execute(transaction)
      stored.resolve()
      await commit.promise
    })
    await stored.promise
    const removal = rig.db.kysely.transaction().execute((transaction) => removeUnused(transaction, id))
    await waitsForLock()
    commit.resolve()
    await saving
    expect(await removal).toBe(false)
    expect(await named('app-1')).toMatchObject({ id })
  })

  it('an app that was deleted while the provider answered comes back for the grant that it minted', async () => {
    const client = (await rig.integrations.clientOf(await rig.idOf()))!
    await patch('app-2')
    expect((await list()).map((one) => one.client_id)).toEqual(['app-2'])
    const of = { environmentId, integrationId: await rig.idOf() }
    const id = await rig.db.kysely.transaction().execute((transaction) => keepMintingClient(transaction, rig.vault, of, client))
    expect(id).not.toBe(client.id)
    expect(await named('app-1')).toMatchObject({ id, state: 'retired' })
    expect(await rig.secretOf(id)).toBe('secret-1')
  })
})

/** Until some backend of this database waits for a row. */
async function waitsForLock(): Promise<void> {
  for (let tries = 0; tries < 5_000; tries++) {
    const { rows } = await rig.db.pool.query(`select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`)
    if (rows.length > 0) return
    await new Promise((resolve) => setImmediate(resolve))
  }
  throw new Error('nobody waits')
}
