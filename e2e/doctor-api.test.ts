/** The doctor as a customer of the API meets it: pasted texts, and the probe of an integration against the fake Salesforce. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { z } from 'zod'
import type { diagnoseText, probeIntegration } from '@hawser/api/doctor.ts'
import { startTestServer, type TestServer } from '../testkit/test-server.ts'
import { createApiClient, type ApiClient, type ErrorAnswer } from './api-client.ts'
import { addIntegration, addOrgApp, openSession } from './customer.ts'

type Explained = z.output<typeof diagnoseText.reply.body>
type Probed = z.output<typeof probeIntegration.reply.body>

let server: TestServer
let api: ApiClient

beforeAll(async () => {
  const other = {
    display_name: 'Desk',
    auth_mode: 'OAUTH2',
    docs: 'https://docs.example.com',
    authorization_url: 'https://desk.example/authorize',
    token_url: 'https://desk.example/token',
  }
  server = await startTestServer({ catalogue: { desk: other } })
  api = createApiClient(server.url, server.apiKey)
})
afterAll(() => server?.close())

const ask = async (text: string, integration?: string): Promise<Explained['data']> => {
  const answer = await api.post<Explained>('/doctor', { text, ...(integration === undefined ? {} : { integration }) })
  expect(answer.status, JSON.stringify(answer.body)).toBe(200)
  return answer.body.data
}

describe('POST /doctor', () => {
  const SECRET = 'aPrxPASTEDCODE'
  const address = `https://acme--uat.sandbox.my.salesforce.com/setup/secur/RemoteAccessErrorPage.apexp?code=${SECRET}&error=OAUTH_EC_APP_NOT_FOUND`

  it('explains what was pasted, and says where the guide has more', async () => {
    expect(await ask(address)).toMatchObject({
      known: true,
      recognised_as: 'address',
      diagnosis: {
        code: 'external-app-not-installed',
        actor: 'developer',
        docs: '/guides/salesforce-errors#external-app-not-installed',
        evidence: { host: 'acme--uat.sandbox.my.salesforce.com', host_kind: 'sandbox', error: 'OAUTH_EC_APP_NOT_FOUND' },
      },
    })
    const guide = await fetch(`${server.url}/guides/salesforce-errors`)
    expect(guide.status).toBe(200)
    expect(await guide.text()).toContain('id="external-app-not-installed"')
  })

  it('neither logs nor repeats the text', async () => {
    expect(JSON.stringify(await ask(address))).not.toContain(SECRET)
    expect(server.logged()).not.toContain(SECRET)
  })

  it('says that it does not know', async () => {
    expect(await ask('it does not work')).toEqual({ known: false, diagnosis: null, recognised_as: null })
  })

  it('reads shared codes as the provider’s when it is told the integration', async () => {
    await addIntegration(server, 'told', addOrgApp(server, 'acme-uat', 'told_app'))
    const text = '{"error":"invalid_grant","error_description":"brand new"}'
    expect((await ask(text)).known).toBe(false)
    expect((await ask(text, 'told')).diagnosis?.code).toBe('grant-refused')
    const wrong = await api.post<ErrorAnswer>('/doctor', { text, integration: 'nobody' })
    expect([wrong.status, wrong.body.error.code]).toEqual([404, 'unknown_provider_config'])
  })

  it('helps the end user of a connect session, within reason', async () => {
    await addIntegration(server, 'for-session', addOrgApp(server, 'acme-uat', 'session_app'))
    const session = createApiClient(server.url, await openSession(server, 'for-session'))
    const first = await session.post<Explained>('/doctor', { text: address, integration: 'for-session' })
    expect(first.body.data.diagnosis?.end_user_text).toMatch(/not installed/)
    const foreign = await session.post<ErrorAnswer>('/doctor', { text: address, integration: 'told' })
    expect(foreign.body.error.code).toBe('integration_not_allowed')
    const statuses: number[] = []
    for (let tries = 0; tries < 20; tries++) statuses.push((await session.post('/doctor', { text: 'x' })).status)
    expect(statuses.at(-1)).toBe(429)
    server.clock.advance(60_000)
    expect((await session.post('/doctor', { text: 'x' })).status).toBe(200)
  })

  it('wants a text of a size, and somebody who asks', async () => {
    for (const body of [{}, { text: '' }, { text: 'x'.repeat(16_385) }, { text: 'x', more: 1 }])
      expect((await api.post<ErrorAnswer>('/doctor', body)).body.error.code).toBe('invalid_body')
    expect((await createApiClient(server.url, '').post('/doctor', { text: 'x' })).status).toBe(401)
  })
})

describe('POST /integrations/:uniqueKey/probe', () => {
  const probe = async (key: string, body: unknown = {}): Promise<Probed['data']> => {
    const answer = await api.post<Probed>(`/integrations/${key}/probe`, body)
    expect(answer.status, JSON.stringify(answer.body)).toBe(200)
    return answer.body.data
  }
  const results = ({ checks }: Probed['data']) => Object.fromEntries(checks.map(({ name, result }) => [name, result]))
  const blamed = ({ checks }: Probed['data']) => checks.flatMap(({ diagnosis }) => (diagnosis ? [diagnosis.code] : []))

  it('finds nothing wrong with a good integration, and changes nothing', async () => {
    server.fake.consent({ decision: 'ask' })
    await addIntegration(server, 'good', addOrgApp(server, 'acme-uat', 'good_app'))
    const found = await probe('good')
    expect(found).toMatchObject({ ok: true, pkce_required: true, host: 'test.salesforce.com' })
    expect(results(found)).toEqual({ client_id: 'ok', callback_url: 'ok', scopes: 'ok', pkce: 'ok' })
    expect(server.fake.log.counts['token:authorization_code'] ?? 0).toBe(0)
  })

  it('sees that PKCE is optional', async () => {
    await addIntegration(server, 'no-pkce', addOrgApp(server, 'acme-uat', 'no_pkce_app', { flags: { pkceRequired: false } }))
    expect(await probe('no-pkce')).toMatchObject({ ok: true, pkce_required: false })
  })

  it('asks the My Domain that it is given', async () => {
    expect(await probe('good', { hostname: 'acme--uat' })).toMatchObject({ ok: true, host: 'acme--uat.sandbox.my.salesforce.com' })
    const elsewhere = await api.post<ErrorAnswer>('/integrations/good/probe', { hostname: 'thief.example.com' })
    expect([elsewhere.status, elsewhere.body.error.code]).toEqual([400, 'invalid_hostname'])
  })

  it('names a wrong client id', async () => {
    await addIntegration(server, 'wrong-key', { clientId: `3MVG9${'x'.repeat(80)}`, clientSecret: 'A'.repeat(64) })
    const found = await probe('wrong-key')
    expect(found).toMatchObject({ ok: false, pkce_required: null })
    expect(results(found)).toEqual({ client_id: 'failed', callback_url: 'unknown', scopes: 'unknown', pkce: 'unknown' })
    expect(blamed(found)).toEqual(['client-id-unknown'])
  })

  it('names the key of another environment likewise', async () => {
    await addIntegration(server, 'other-environment', addOrgApp(server, 'acme-uat', 'sandbox_app'), 'salesforce')
    const found = await probe('other-environment')
    expect(found.host).toBe('login.salesforce.com')
    expect(results(found)['client_id']).toBe('failed')
  })

  it('names a wrong callback URL, with the one that was sent', async () => {
    const app = addOrgApp(server, 'acme-uat', 'callback_app', { callbackUrls: ['https://elsewhere.example.com/cb'] })
    await addIntegration(server, 'wrong-callback', app)
    const found = await probe('wrong-callback')
    expect(results(found)).toEqual({ client_id: 'ok', callback_url: 'failed', scopes: 'unknown', pkce: 'unknown' })
    expect(blamed(found)).toEqual(['redirect-uri-mismatch'])
  })

  it('names a scope that the app lacks', async () => {
    const app = addOrgApp(server, 'acme-uat', 'scope_app', { scopes: ['api'] })
    await addIntegration(server, 'wrong-scope', app)
    const found = await probe('wrong-scope')
    expect(results(found)).toMatchObject({ client_id: 'ok', callback_url: 'ok', scopes: 'failed' })
    expect(blamed(found)).toEqual(['scope-refused'])
  })

  it('does not mistake an outage for a mistake', async () => {
    server.fake.set('knobs.faultsApplyTo', 'all')
    server.fake.set('knobs.fail503Times', 3)
    const found = await probe('good')
    expect(found).toMatchObject({ ok: false, pkce_required: null })
    expect(new Set(Object.values(results(found)))).toEqual(new Set(['unknown']))
    expect(found.checks[0]?.diagnosis).toMatchObject({ code: 'token-server-error', actor: 'salesforce', transient: true })
    expect((await probe('good')).ok).toBe(true)
  })

  it.each([['nobody', 404, 'unknown_provider_config']])('answers for %s with %i %s', async (key, status, code) => {
    if (key === 'at-desk') await addIntegration(server, key, { clientId: 'a', clientSecret: 'b' }, 'desk')
    if (key === 'without-client') await api.post('/integrations/quickstart', { provider: 'salesforce-sandbox', unique_key: key })
    const answer = await api.post<ErrorAnswer>(`/integrations/${key}/probe`, {})
    expect([answer.status, answer.body.error.code]).toEqual([status, code])
  })
})
