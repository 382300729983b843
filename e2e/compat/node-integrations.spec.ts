/** `@nangohq/node`: providers and integrations. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startTestServer, type TestServer } from '../../testkit/test-server.ts'
import { nodeClient, refusalOf, type NodeClient } from './stock-clients.ts'

let server: TestServer
let client: NodeClient

beforeAll(async () => {
  server = await startTestServer()
  client = await nodeClient({ host: server.url, apiKey: server.apiKey })
})
afterAll(() => server?.close())

describe('providers', () => {
  it('are listed, searched and read', async () => {
    const all = await client.listProviders({})
    expect(all.data.map((provider) => provider.name)).toEqual(expect.arrayContaining(['salesforce', 'salesforce-sandbox']))
    const found = await client.listProviders({ search: 'sandbox' })
    expect(found.data.map((provider) => provider.name)).toContain('salesforce-sandbox')
    expect(found.data.map((provider) => provider.name)).not.toContain('salesforce')
    const { data } = await client.getProvider({ provider: 'salesforce' })
    expect(data).toMatchObject({ name: 'salesforce', auth_mode: 'OAUTH2' })
    expect(await refusalOf(client.getProvider({ provider: 'nowhere' }))).toMatchObject({ status: 404, code: 'not_found' })
  })
})

describe('integrations', () => {
  it('are created, listed, read, changed and deleted', async () => {
    const made = await client.createIntegration({
      provider: 'salesforce',
      unique_key: 'sf-prod',
      display_name: 'Salesforce of our customers',
      credentials: { type: 'OAUTH2', client_id: 'id-1', client_secret: 'secret-1', scopes: 'api,refresh_token' },
    })
    expect(made.data).toMatchObject({ unique_key: 'sf-prod', provider: 'salesforce', display_name: 'Salesforce of our customers' })

    const { configs } = await client.listIntegrations()
    expect(configs.map((config) => config.unique_key)).toContain('sf-prod')

    const plain = await client.getIntegration({ uniqueKey: 'sf-prod' })
    expect(plain.data.credentials).toBeUndefined()
    // Of several, this client sends the last one only.
    const read = await client.getIntegration({ uniqueKey: 'sf-prod' }, { include: ['webhook', 'credentials'] })
    expect(read.data.credentials).toMatchObject({ type: 'OAUTH2', client_id: 'id-1', scopes: 'api,refresh_token' })
    const hook = await client.getIntegration({ uniqueKey: 'sf-prod' }, { include: ['webhook'] })
    expect(hook.data).toHaveProperty('webhook_url')

    const changed = await client.updateIntegration({ uniqueKey: 'sf-prod' }, { display_name: 'Renamed' })
    expect(changed.data.display_name).toBe('Renamed')
    const renamed = await client.updateIntegration({ uniqueKey: 'sf-prod' }, { unique_key: 'sf-live' })
    expect(renamed.data.unique_key).toBe('sf-live')

    const deleted = await client.deleteIntegration('sf-live')
    expect([deleted.status, deleted.data]).toEqual([200, { success: true }])
    expect(await refusalOf(client.getIntegration({ uniqueKey: 'sf-live' }))).toMatchObject({ status: 404, code: 'not_found' })
  })

  it('are created without credentials', async () => {
    const made = await client.createQuickstartIntegration({ provider: 'salesforce-sandbox', unique_key: 'quick' })
    expect(made.data).toMatchObject({ unique_key: 'quick', provider: 'salesforce-sandbox' })
  })

  it('are refused as the client’s users expect', async () => {
    expect(await refusalOf(client.createQuickstartIntegration({ provider: 'nowhere', unique_key: 'a' }))).toMatchObject({
      status: 400,
      code: 'invalid_body',
    })
    expect(await refusalOf(client.createQuickstartIntegration({ provider: 'salesforce', unique_key: 'quick' }))).toMatchObject({
      status: 400,
      code: 'invalid_body',
    })
    const stranger = await nodeClient({ host: server.url, apiKey: `hws_dev_${'A'.repeat(43)}` })
    expect(await refusalOf(stranger.listIntegrations())).toMatchObject({ status: 401, code: 'unknown_account' })
  })
})
