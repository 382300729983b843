/** The same from outside, with a few of the corpus: what callers of the API and end users hear. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startTestServer, type TestServer } from '../../testkit/test-server.ts'
import { createApiClient, type ErrorAnswer } from '../api-client.ts'
import { addIntegration, addOrgApp, connectUrl, openSession, resultOf } from '../customer.ts'

describe('17. on the whole server', () => {
  let server: TestServer
  const KEY = 'inside'
  beforeAll(async () => {
    server = await startTestServer()
    await addIntegration(server, KEY, addOrgApp(server, 'acme-uat', 'inside'))
  })
  afterAll(() => server?.close())
  const some = ['127.0.0.1', '169.254.169.254', '[::ffff:127.0.0.1]', '2130706433', 'metadata.google.internal', '１２７.０.０.１']

  it.each(some)('an import cannot point to %s', async (host) => {
    const api = createApiClient(server.url, server.apiKey)
    const answer = await api.post<ErrorAnswer>('/connections', {
      provider_config_key: KEY,
      credentials: { type: 'OAUTH2', access_token: '00D!x', refresh_token: 'r' },
      connection_config: { instance_url: `https://${host}` },
    })
    expect([answer.status, answer.body.error.code]).toEqual([400, 'instance_url_refused'])
  })

  it.each(some)('a probe cannot ask %s', async (host) => {
    const answer = await createApiClient(server.url, server.apiKey).post<ErrorAnswer>(`/integrations/${KEY}/probe`, { hostname: host })
    expect([answer.status, answer.body.error?.code]).toEqual([400, expect.stringMatching(/invalid_hostname|invalid_body/)])
  })

  it.each(some)('a sign-in cannot begin at %s', async (host) => {
    const token = await openSession(server, KEY)
    const page = await server.browser().open(connectUrl(server, KEY, token, { 'params[hostname]': host }), { follow: false })
    expect(page.status).toBe(400)
    expect(await resultOf(server, token)).toMatchObject({ outcome: 'error' })
  })
})
