import { sql } from 'kysely'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { KeyPrincipal, Principal } from '#http/principal.ts'
import { newId } from '#lib/ids.ts'
import { createRig, environmentId, foreignKey, key, type Rig } from './integrations-rig.ts'

let rig: Rig
beforeAll(async () => {
  rig = await createRig()
})
beforeEach(() => rig.empty())
afterAll(() => rig.close())

const ask: Rig['ask'] = (...input) => rig.ask(...input)
const refusal: Rig['refusal'] = (...input) => rig.refusal(...input)
const idOf: Rig['idOf'] = (...input) => rig.idOf(...input)
const mint: Rig['mint'] = (...input) => rig.mint(...input)
const secretOf: Rig['secretOf'] = (...input) => rig.secretOf(...input)

const credentials = { type: 'OAUTH2', client_id: 'app-1', client_secret: 'very-secret' }
const create = (more: object = {}) => ask('createIntegration', { body: { provider: 'salesforce', unique_key: 'sf', credentials, ...more } })
const update = (body: object, uniqueKey = 'sf') => ask('updateIntegration', { params: { uniqueKey }, body })
const get = (query: object = {}, uniqueKey = 'sf') => ask('getIntegration', { params: { uniqueKey }, query })

async function clients(): Promise<{ id: string; client_id: string; state: string; secret: Buffer | null }[]> {
  const { rows } = await sql<{ id: string; client_id: string; state: string; secret: Buffer | null }>`
    select id, client_id, state, secret from oauth_client order by created_at, id`.execute(rig.db.kysely)
  return rows
}

describe('POST /integrations', () => {
  it('200: answers in the contract’s shape, without secrets', async () => {
    const answer = await create({ display_name: 'Our Salesforce', forward_webhooks: false, base_url_override_hosts: ['api.acme.example'] })
    expect(answer.data).toEqual({
      ...{ unique_key: 'sf', provider: 'salesforce', display_name: 'Our Salesforce', forward_webhooks: false },
      ...{ logo: 'https://hawser.example/images/template-logos/salesforce.svg', base_url_override_hosts: ['api.acme.example'] },
      ...{ install_url: null, wrong_org_kind: 'refuse', app_migration: null },
      ...{ created_at: expect.any(String), updated_at: expect.any(String) },
    })
    expect(rig.changes).toMatchObject([{ action: 'integration.created', actor: { kind: 'key', id: key.keyId } }])
    expect(JSON.stringify(rig.changes)).not.toContain('very-secret')
  })

  it('200: takes the provider’s name where none is given, and white space off what was pasted', async () => {
    expect(
      (await create({ credentials: { ...credentials, client_id: ' app-1\n', client_secret: '\tvery-secret ' } })).data['display_name'],
    ).toBe('Salesforce')
    expect([(await rig.integrations.clientOf(await idOf()))?.clientId, await secretOf()]).toEqual(['app-1', 'very-secret'])
  })

  it('6. the secret is sealed in its row', async () => {
    await create()
    expect((await clients())[0]!.secret!.includes('very-secret')).toBe(false)
  })

  it('200: an app without a secret', async () => {
    await create({ credentials: { type: 'OAUTH2', client_id: 'public-app' } })
    expect(await rig.integrations.clientOf(await idOf())).toMatchObject({ clientId: 'public-app', clientSecret: undefined, own: false })
  })

  it('400 names the field: provider, key, credentials', async () => {
    await create()
    const body = { provider: 'salesforce', unique_key: 'new', credentials }
    expect(await refusal('createIntegration', { body: { ...body, provider: 'nothing' } })).toEqual({
      code: 'invalid_body',
      path: ['provider'],
    })
    expect(await refusal('createIntegration', { body: { ...body, unique_key: 'sf' } })).toEqual({
      code: 'invalid_body',
      path: ['unique_key'],
    })
    expect(await refusal('createIntegration', { body: { ...body, credentials: undefined } })).toEqual({
      code: 'invalid_body',
      path: ['credentials'],
    })
    expect(await refusal('createIntegration', { body: { ...body, provider: 'open' } })).toEqual({
      code: 'invalid_body',
      path: ['credentials', 'type'],
    })
    expect(await clients()).toHaveLength(1)
  })

  it('the same key may exist in two environments', async () => {
    await create()
    const body = { provider: 'salesforce', unique_key: 'sf', credentials }
    expect((await ask('createIntegration', { body, principal: foreignKey })).data['unique_key']).toBe('sf')
  })
})

describe('POST /integrations/quickstart', () => {
  it('200: without credentials; 400 for an unknown provider and a taken key', async () => {
    const body = { provider: 'salesforce', unique_key: 'quick' }
    expect((await ask('createQuickstartIntegration', { body })).data['unique_key']).toBe('quick')
    expect(await rig.integrations.clientOf(await idOf('quick'))).toBeUndefined()
    expect(await refusal('createQuickstartIntegration', { body })).toEqual({ code: 'invalid_body', path: ['unique_key'] })
    expect(await refusal('createQuickstartIntegration', { body: { ...body, provider: 'x' } })).toEqual({
      code: 'invalid_body',
      path: ['provider'],
    })
  })
})

describe('GET /integrations', () => {
  it('lists those of the environment, and of a session those it may use', async () => {
    for (const unique_key of ['a', 'b']) await create({ unique_key })
    await ask('createQuickstartIntegration', { body: { provider: 'salesforce', unique_key: 'theirs' }, principal: foreignKey })
    const keys = async (principal: Principal) => {
      const { data } = (await ask('listIntegrations', { principal })) as unknown as { data: { unique_key: string }[] }
      return data.map((one) => one.unique_key).sort()
    }
    const session = (allowedIntegrations: string[] | undefined): Principal => ({
      ...{ kind: 'session', sessionId: 's', environmentId, environmentName: 'dev', allowedIntegrations },
    })
    expect(await keys(key)).toEqual(['a', 'b'])
    expect(await keys(session(undefined))).toEqual(['a', 'b'])
    expect(await keys(session(['b', 'theirs']))).toEqual(['b'])
    expect(await keys(session([]))).toEqual([])
  })

  it('does not name the owner’s own hosts to a session, which lies in the browser of an end user', async () => {
    await create({ unique_key: 'a', base_url_override_hosts: ['erp.intranet.example'] })
    const principal: Principal = { kind: 'session', sessionId: 's', environmentId, environmentName: 'dev', allowedIntegrations: undefined }
    expect(await ask('listIntegrations', { principal })).toMatchObject({ data: [{ unique_key: 'a', base_url_override_hosts: [] }] })
    expect(await ask('listIntegrations', { principal: key })).toMatchObject({
      data: [{ base_url_override_hosts: ['erp.intranet.example'] }],
    })
  })
})

describe('GET /integrations/:uniqueKey', () => {
  it('200: adds what is asked for; secrets never', async () => {
    await create({ credentials: { ...credentials, scopes: 'api,refresh_token', webhook_secret: 'hook-secret' } })
    expect(Object.keys((await get()).data)).not.toContain('credentials')
    const { data } = await get({ include: ['webhook', 'credentials'] })
    expect(data['credentials']).toEqual({
      ...{ type: 'OAUTH2', client_id: 'app-1', client_secret: null, scopes: 'api,refresh_token', webhook_secret: null },
    })
    expect(data['webhook_url']).toBe(`https://hawser.example/webhook/${environmentId}/sf`)
    await ask('createQuickstartIntegration', { body: { provider: 'open', unique_key: 'open' } })
    expect((await get({ include: 'credentials' }, 'open')).data['credentials']).toBeNull()
  })

  it('403: credentials need a scope of their own', async () => {
    await create()
    const principal: KeyPrincipal = { ...key, scopes: ['environment:integrations:read'] }
    const input = { params: { uniqueKey: 'sf' }, query: { include: 'credentials' }, principal }
    expect((await refusal('getIntegration', input)).code).toBe('forbidden')
  })

  it('13. 404, also for one of another environment', async () => {
    await create()
    for (const name of ['getIntegration', 'deleteIntegration'])
      expect((await refusal(name, { params: { uniqueKey: 'sf' }, principal: foreignKey })).code).toBe('not_found')
    expect((await refusal('updateIntegration', { params: { uniqueKey: 'sf' }, body: {}, principal: foreignKey })).code).toBe('not_found')
    expect((await get()).data['unique_key']).toBe('sf')
  })
})

describe('PATCH /integrations/:uniqueKey', () => {
  it('200: changes what is given and nothing else, also the key while it has connections', async () => {
    await create({ credentials: { ...credentials, scopes: 'api' } })
    await sql`insert into connection (id, environment_id, integration_id, connection_id) values (${newId()}, ${environmentId}, ${await idOf()}, 'c')`.execute(
      rig.db.kysely,
    )
    const { data } = await update({ unique_key: 'renamed', base_url_override_hosts: ['x.example'] })
    expect(data).toMatchObject({
      unique_key: 'renamed',
      display_name: 'Salesforce',
      forward_webhooks: true,
      base_url_override_hosts: ['x.example'],
    })
    expect((await get({ include: 'credentials' }, 'renamed')).data['credentials']).toMatchObject({ client_id: 'app-1', scopes: 'api' })
    await update({ credentials: { type: 'OAUTH2', scopes: '' } }, 'renamed')
    expect((await get({ include: 'credentials' }, 'renamed')).data['credentials']).toMatchObject({ scopes: null })
  })

  it('400: a key that is taken, credentials of another mode, a secret without an app', async () => {
    await create()
    await create({ unique_key: 'second' })
    expect(await refusal('updateIntegration', { params: { uniqueKey: 'sf' }, body: { unique_key: 'second' } })).toEqual({
      ...{ code: 'invalid_body', path: ['unique_key'] },
    })
    for (const provider of ['open', 'salesforce']) await ask('createQuickstartIntegration', { body: { provider, unique_key: provider } })
    const body = { credentials: { type: 'OAUTH2', client_secret: 'x' } }
    expect((await refusal('updateIntegration', { params: { uniqueKey: 'open' }, body })).path).toEqual(['credentials', 'type'])
    expect((await refusal('updateIntegration', { params: { uniqueKey: 'salesforce' }, body })).path).toEqual(['credentials', 'client_id'])
  })

  it('31. a new secret of the same app is used from the next token request on, by all its grants', async () => {
    await create()
    const [before] = await clients()
    await update({ credentials: { type: 'OAUTH2', client_secret: ' second-secret ' } })
    expect(await clients()).toMatchObject([{ id: before!.id, state: 'active' }])
    expect([await secretOf(), await secretOf(before!.id)]).toEqual(['second-secret', 'second-secret'])
    expect(JSON.stringify(rig.changes)).not.toContain('second-secret')
  })

  it('31. another app takes over, and grants of the former one still refresh with it', async () => {
    await create()
    const [former] = await clients()
    await mint(former!.id)
    await update({ credentials: { type: 'OAUTH2', client_id: 'app-2', client_secret: 'secret-2' } })
    expect((await clients()).map(({ client_id, state }) => [client_id, state])).toEqual([
      ['app-1', 'retired'],
      ['app-2', 'active'],
    ])
    expect([(await rig.integrations.clientOf(await idOf()))?.clientId, await secretOf()]).toEqual(['app-2', 'secret-2'])
    expect([(await rig.integrations.clientOf(await idOf(), former!.id))?.clientId, await secretOf(former!.id)]).toEqual([
      'app-1',
      'very-secret',
    ])
  })

  it('a former app without grants goes, and one that comes back has its row again', async () => {
    await create()
    await update({ credentials: { type: 'OAUTH2', client_id: 'app-2' } })
    expect((await clients()).map((client) => client.client_id)).toEqual(['app-2'])
    const [second] = await clients()
    await mint(second!.id)
    await update({ credentials: { type: 'OAUTH2', client_id: 'app-3' } })
    await update({ credentials: { type: 'OAUTH2', client_id: 'app-2', client_secret: 'back' } })
    expect(await clients()).toMatchObject([{ id: second!.id, client_id: 'app-2', state: 'active' }])
    expect(await secretOf()).toBe('back')
  })

  it('a mended secret lets grants try again that broke because of it, and only those', async () => {
    await create()
    const [client] = await clients()
    const ofTheApp = await mint(client!.id, { code: 'invalid_credentials', diagnosis: { class: 'config' } })
    const ofTheCustomer = await mint(client!.id, { code: 'invalid_credentials', diagnosis: { class: 'reconnect' } })
    await update({ credentials: { type: 'OAUTH2', client_secret: 'mended' } })
    const { rows } = await sql<{ id: string }>`select id from "grant" where broken_at is null`.execute(rig.db.kysely)
    expect(rows.map((row) => row.id)).toEqual([ofTheApp])
    expect(rows.map((row) => row.id)).not.toContain(ofTheCustomer)
  })

  it('27. two changes at once leave one active app', async () => {
    await create()
    await mint((await clients())[0]!.id)
    await Promise.all(['x', 'y', 'z'].map((client_id) => update({ credentials: { type: 'OAUTH2', client_id } })))
    expect((await clients()).filter((client) => client.state === 'active')).toHaveLength(1)
  })

  it('7. a secret that was moved to another row does not open', async () => {
    await create()
    await create({ unique_key: 'second', credentials: { ...credentials, client_id: 'app-9' } })
    await sql`update oauth_client t set secret = s.secret, data_key = s.data_key from oauth_client s where t.client_id = 'app-9' and s.client_id = 'app-1'`.execute(
      rig.db.kysely,
    )
    await expect(rig.integrations.clientOf(await idOf('second'))).rejects.toThrow(/does not open/)
  })
})

describe('DELETE /integrations/:uniqueKey', () => {
  it('200: hands its grants over for revocation, then everything goes, apps of single connections too', async () => {
    await create()
    const connection = newId()
    await sql`insert into connection (id, environment_id, integration_id, connection_id) values (${connection}, ${environmentId}, ${await idOf()}, 'c')`.execute(
      rig.db.kysely,
    )
    await sql`insert into oauth_client (id, environment_id, integration_id, connection_id, client_id) values (${newId()}, ${environmentId}, ${await idOf()}, ${connection}, 'own')`.execute(
      rig.db.kysely,
    )
    expect(await ask('deleteIntegration', { params: { uniqueKey: 'sf' } })).toEqual({ success: true })
    // Once more when nobody can store another one.
    expect(rig.released).toEqual(['sf', 'sf'])
    expect([await rig.integrations.find(environmentId, 'sf'), await clients()]).toEqual([undefined, []])
    expect(rig.changes.at(-1)).toMatchObject({ action: 'integration.deleted', subject: { integration: 'sf' } })
  })
})
