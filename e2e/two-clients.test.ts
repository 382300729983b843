/** One integration, two apps: connections that the former app minted go on with it until the last of them has left. */
import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createGrant } from '@hawser/fake-salesforce/oauth/issue-tokens.ts'
import { startTestServer, type TestServer } from '../testkit/test-server.ts'
import { createApiClient, type ApiClient, type ErrorAnswer } from './api-client.ts'
import { addIntegration, addOrgApp, connect, connectionPath, connectUrl, openSession, resultOf, type App } from './customer.ts'

const ORG = 'acme-uat'
const INSTANCE_URL = 'https://acme--uat.sandbox.my.salesforce.com'
const USER = 'admin@two-clients.example'

interface Client {
  id: string
  client_id: string
  state: string
  connections: number
}

let server: TestServer
let api: ApiClient

beforeAll(async () => {
  server = await startTestServer()
  api = createApiClient(server.url, server.apiKey)
  server.fake.set('knobs.approvalLimit', 1_000)
  server.fake.addUser({ orgKey: ORG, username: USER })
})
afterAll(() => server?.close())

const clientsOf = async (integration: string) => (await api.get<{ data: Client[] }>(`/integrations/${integration}/clients`)).body.data

async function replaceApp(integration: string, app: App): Promise<void> {
  const credentials = { type: 'OAUTH2', client_id: app.clientId, client_secret: app.clientSecret }
  expect((await api.call('PATCH', `/integrations/${integration}`, { body: { credentials } })).status).toBe(200)
}

/** Tokens as another system would bring them along, minted by the app. */
function tokensOf(developerName: string): { access_token: string; refresh_token: string } {
  const { state } = server.fake
  const app = state.apps.get(developerName)!
  const grant = createGrant(state, app, USER, ORG, ['api', 'refresh_token'], true)
  const now = state.clock.now()
  const value = `00D!${randomBytes(60).toString('base64url')}`
  state.accessTokens.set(value, {
    ...{ value, grantId: grant.id, app, consumerKey: app.consumers[0]!.key, username: USER, orgKey: ORG, scope: grant.scope },
    ...{ issuedAt: now, lastUsedAt: now, expiresAt: now + 3_600_000, slidesByMs: 3_600_000 },
  })
  return { access_token: value, refresh_token: grant.refreshToken! }
}

async function importMany(integration: string, developerName: string, count: number): Promise<string[]> {
  const ids = Array.from({ length: count }, (_, n) => `${developerName}-${n}`)
  await eachOf(ids, async (id) => {
    const credentials = { type: 'OAUTH2', ...tokensOf(developerName) }
    const body = { provider_config_key: integration, connection_id: id, credentials, connection_config: { instance_url: INSTANCE_URL } }
    const answer = await api.post('/connections', body)
    expect(answer.status, JSON.stringify(answer.body)).toBeLessThan(300)
  })
  return ids
}

async function eachOf(ids: readonly string[], work: (id: string) => Promise<void>): Promise<void> {
  const waiting = [...ids]
  const next = async () => {
    for (let id = waiting.shift(); id !== undefined; id = waiting.shift()) await work(id)
  }
  await Promise.all(Array.from({ length: 10 }, next))
}

describe('150 connections of two apps', () => {
  const integration = 'two-apps'
  let ofA: string[] = []
  let ofB: string[] = []
  let appA: App
  let appB: App

  beforeAll(async () => {
    appA = addOrgApp(server, ORG, 'app_a')
    appB = addOrgApp(server, ORG, 'app_b')
    await addIntegration(server, integration, appA)
    ofA = await importMany(integration, 'app_a', 100)
    await replaceApp(integration, appB)
    ofB = await importMany(integration, 'app_b', 50)
  }, 60_000)

  it('are counted with the app that minted them', async () => {
    expect(await clientsOf(integration)).toMatchObject([
      { client_id: appB.clientId, state: 'active', connections: 50 },
      { client_id: appA.clientId, state: 'retired', connections: 100 },
    ])
  })

  it('refresh side by side, each with its own app', async () => {
    await eachOf([...ofA, ...ofB], async (id) => {
      const answer = await api.get<ErrorAnswer>(connectionPath(id, integration, { force_refresh: 'true' }))
      expect(answer.status, JSON.stringify(answer.body)).toBe(200)
    })
    const used = [...server.fake.state.accessTokens.values()].filter((token) => token.value.includes('!AQEAQ'))
    const by = (app: App) => used.filter((token) => token.consumerKey === app.clientId).length
    expect([by(appA), by(appB)]).toEqual([100, 50])
  })

  it('keep their app until the last one has left; then its row goes, and nothing else', async () => {
    const former = (await clientsOf(integration))[1]!
    const remove = () =>
      api.call<ErrorAnswer & { error: { payload: unknown } }>('DELETE', `/integrations/${integration}/clients/${former.id}`)
    await eachOf(ofA.slice(1), async (id) => void (await api.call('DELETE', connectionPath(id, integration))))
    const refused = await remove()
    expect([refused.status, refused.body.error.code]).toEqual([400, 'client_in_use'])
    expect(refused.body.error.payload).toEqual({ connections: 1, sign_ins: 0, examples: ['app_a-0'] })
    await api.call('DELETE', connectionPath('app_a-0', integration))
    expect((await remove()).status).toBe(200)
    expect((await remove()).status).toBe(404)
    expect(await clientsOf(integration)).toMatchObject([{ client_id: appB.clientId, state: 'active', connections: 50 }])
    const last = await api.get(connectionPath(ofB[49]!, integration, { force_refresh: 'true' }))
    expect(last.status).toBe(200)
  })
})

describe('a sign-in that began before the app was replaced', () => {
  it('ends with the app that it left with, which cannot be forgotten meanwhile', async () => {
    const integration = 'switched'
    const [before, after] = [addOrgApp(server, ORG, 'before'), addOrgApp(server, ORG, 'after')]
    await addIntegration(server, integration, before)
    const token = await openSession(server, integration)
    const browser = server.browser()
    const left = await browser.open(connectUrl(server, integration, token), { follow: false })
    await replaceApp(integration, after)
    const former = (await clientsOf(integration))[1]!
    expect(former).toMatchObject({ client_id: before.clientId, state: 'retired', connections: 0 })
    const refused = await api.call<ErrorAnswer>('DELETE', `/integrations/${integration}/clients/${former.id}`)
    expect([refused.status, refused.body.error.code]).toEqual([400, 'client_in_use'])
    await browser.open(String(left.headers['location']))
    const result = await resultOf(server, token)
    expect(result).toMatchObject({ outcome: 'success' })
    expect(await clientsOf(integration)).toMatchObject([
      { client_id: after.clientId, connections: 0 },
      { client_id: before.clientId, connections: 1 },
    ])
    const id = result?.outcome === 'success' ? result.connection_id : ''
    expect((await api.get(connectionPath(id, integration, { force_refresh: 'true' }))).status).toBe(200)
    await connect(server, integration)
    expect((await clientsOf(integration))[0]).toMatchObject({ client_id: after.clientId, connections: 1 })
  })
})

describe('staged rotation with the org’s own app', () => {
  it('stage, rotate, promote, refresh, forget: the connection never notices', async () => {
    const integration = 'rotated'
    const app = addOrgApp(server, ORG, 'rotated')
    await addIntegration(server, integration, app)
    const id = await connect(server, integration)
    const refresh = async () => (await api.get(connectionPath(id, integration, { force_refresh: 'true' }))).status
    const staged = server.fake.stageConsumer('rotated')
    const body = { client_id: staged.key, client_secret: staged.secret }
    expect((await api.call('PUT', `/integrations/${integration}/clients/staged`, { body })).status).toBe(200)
    expect(await refresh()).toBe(200)
    server.fake.promoteConsumer('rotated')
    expect(await refresh()).toBe(200)
    expect((await api.call('POST', `/integrations/${integration}/clients/staged/promote`)).status).toBe(200)
    expect(await refresh()).toBe(200)
    const [active, former] = await clientsOf(integration)
    expect([active, former]).toMatchObject([{ client_id: staged.key, connections: 1 }, { connections: 0 }])
    expect((await api.call('DELETE', `/integrations/${integration}/clients/${former!.id}`)).body).toEqual({
      success: true,
      moved_connections: 0,
    })
    expect(await refresh()).toBe(200)
  })
})
