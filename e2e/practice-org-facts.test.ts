/** The practice org is looked at as a real one is: plain http, a port of its own, and a provider that takes orgs of every kind. */
import { afterAll, beforeAll, expect, it } from 'vitest'
import { startFakeSalesforce, type FakeSalesforce } from '@hawser/fake-salesforce/start.ts'
import { startTestServer, type TestServer } from '../testkit/test-server.ts'
import { addIntegration, connect, readConnection } from './customer.ts'

const CLIENT = { consumerKey: '3MVG9PracticeOrgOfThisTest', consumerSecret: 'practice-org-secret-of-this-test' }
let practice: FakeSalesforce
let server: TestServer

beforeAll(async () => {
  practice = await startFakeSalesforce({ seed: 'practice', approval: 'automatic', practice: CLIENT })
  const url = practice.url('org:practice')
  const { host, port } = new URL(url)
  server = await startTestServer({
    trustedHosts: [{ host: 'localhost', port: Number(port) }],
    catalogue: {
      'salesforce-practice': {
        ...{
          display_name: 'Practice org',
          auth_mode: 'OAUTH2',
          family: 'salesforce',
          allowed_hosts: [host],
          docs: 'https://docs.example.com',
        },
        ...{ authorization_url: `${url}/services/oauth2/authorize`, token_url: `${url}/services/oauth2/token` },
        ...{ default_scopes: ['api', 'refresh_token', 'id'], token_response_metadata: ['instance_url'] },
        proxy: { base_url: '${connectionConfig.instance_url}' },
        connection_config: { instance_url: { title: 'Instance URL', automated: true } },
      },
    },
  })
  for (const app of practice.state.apps.values()) app.callbackUrls.push(`${server.url}/oauth/callback`)
})
afterAll(async () => {
  await server?.close()
  await practice?.close()
})

it('says who it is after the sign-in, and again a week later', async () => {
  await addIntegration(server, 'practice', { clientId: CLIENT.consumerKey, clientSecret: CLIENT.consumerSecret }, 'salesforce-practice')
  const id = await connect(server, 'practice')
  const { org, issues } = await readConnection(server, id, 'practice')
  const [fake] = [...practice.state.orgs.values()]
  expect(org).toMatchObject({ org_id: fake!.orgId, kind: 'sandbox', kind_certain: true, name: fake!.name, session_minutes: 120 })
  expect(org?.instance_url).toBe(practice.url('org:practice'))
  expect(issues).toEqual([])

  fake!.name = 'Renamed'
  server.clock.advance(7 * 86_400_000 + 60_000)
  practice.advance(7 * 86_400_000 + 60_000)
  await server.kit.queue.add('refresh-org-facts', {})
  await expect
    .poll(async () => (await readConnection(server, id, 'practice')).org?.name, { timeout: 10_000, interval: 100 })
    .toBe('Renamed')
})
