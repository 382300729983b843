/** Which org is this? Each kind through each provider, as the customer's engineer meets it: refused with a sentence, or taken with an issue. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startTestServer, type TestServer } from '../testkit/test-server.ts'
import { createApiClient, type ConnectionBody, type ErrorAnswer, type ListedConnection } from './api-client.ts'
import { addIntegration, addOrgApp, connect, openSession, proxied, query, readConnection, signIn } from './customer.ts'

type Provider = 'salesforce' | 'salesforce-sandbox'

/** No partition in the host where Salesforce may leave it out: then the org's own record is all there is to tell the kind. */
const ORGS = [
  { kind: 'production', host: 'plain.my.salesforce.com', fits: 'salesforce', found: 'a production org' },
  { kind: 'sandbox', host: 'kinds--uat.sandbox.my.salesforce.com', fits: 'salesforce-sandbox', found: 'a sandbox' },
  { kind: 'developer', host: 'looks-like-production.my.salesforce.com', fits: 'salesforce', found: 'a Developer Edition org' },
  { kind: 'scratch', host: 'power-ability-1234.scratch.my.salesforce.com', fits: 'salesforce-sandbox', found: 'a scratch org' },
  { kind: 'trailhead', host: 'curious-koala.trailblaze.my.salesforce.com', fits: 'salesforce', found: 'a Trailhead playground' },
  { kind: 'trial', host: 'thirty-days.my.salesforce.com', fits: 'salesforce', found: 'a trial org' },
] as const

const CASES = ORGS.flatMap((org) =>
  (['salesforce', 'salesforce-sandbox'] as const).flatMap((provider) =>
    (['refuse', 'warn'] as const).map((rule) => ({ ...org, provider, rule, name: `${org.kind}-${provider}-${rule}` })),
  ),
)

let server: TestServer
const api = () => createApiClient(server.url, server.apiKey)
const orgOf = (kind: string) => server.fake.state.orgs.get(`kind-${kind}`)!
const hostname = (host: string) => ({ 'params[hostname]': host })

beforeAll(async () => {
  server = await startTestServer()
  for (const { kind, host } of ORGS) {
    await server.fake.addOrg({ key: `kind-${kind}`, name: `The ${kind}`, kind, myDomainHost: host })
    server.fake.addUser({ orgKey: `kind-${kind}`, username: `kim@${kind}.example` })
    const app = addOrgApp(server, `kind-${kind}`, `app_${kind}`)
    for (const provider of ['salesforce', 'salesforce-sandbox'] as const)
      for (const rule of ['refuse', 'warn'] as const) {
        await addIntegration(server, `${kind}-${provider}-${rule}`, app, provider)
        await change(`${kind}-${provider}-${rule}`, rule)
      }
  }
})
afterAll(() => server?.close())

async function change(integration: string, rule: 'refuse' | 'warn'): Promise<void> {
  const changed = await api().call('PATCH', `/integrations/${integration}`, { body: { wrong_org_kind: rule } })
  expect(changed.status, JSON.stringify(changed.body)).toBe(200)
}

async function signInTo(name: string, host: string) {
  const token = await openSession(server, name)
  return signIn(server, name, token, hostname(host))
}

const stored = async (key: string): Promise<ListedConnection[]> => {
  const list = await api().get<{ connections: ListedConnection[] }>(`/connections?integrationId=${encodeURIComponent(key)}`)
  return list.body.connections
}

const approvalsIn = (orgKey: string): number => [...server.fake.state.grants.values()].filter((grant) => grant.orgKey === orgKey).length

/** A durable job revokes, so that an outage of the provider does not lose it. */
const untilRevoked = (orgKey: string, kept: number) => expect.poll(() => approvalsIn(orgKey), { timeout: 10_000, interval: 50 }).toBe(kept)

describe('an org of each kind', () => {
  it.each(CASES.filter((one) => one.provider === one.fits))('$kind fits $provider ($rule), and says who it is', async (one) => {
    const page = await signInTo(one.name, one.host)
    expect(page.result, page.text).toMatchObject({ outcome: 'success' })
    const id = page.result?.outcome === 'success' ? page.result.connection_id : ''
    const { org, issues } = await readConnection(server, id, one.name)
    const fake = orgOf(one.kind)
    expect(org).toMatchObject({
      org_id: fake.orgId,
      username: `kim@${one.kind}.example`,
      kind: one.kind,
      kind_certain: true,
      name: `The ${one.kind}`,
      organization_type: fake.organizationType,
      is_sandbox: one.kind === 'sandbox' || one.kind === 'scratch',
      instance_name: fake.instanceName,
      namespace_prefix: null,
      instance_url: `https://${one.host}`,
      login_host: one.host,
      session_minutes: 120,
      api_usage: { max: 15_000 },
    } satisfies Partial<Record<keyof NonNullable<ConnectionBody['org']>, unknown>>)
    expect(org?.user_id).toMatch(/^005/)
    expect(org?.api_versions?.newest).toMatch(/^\d\d\.0$/)
    expect(org?.trial_expires_at).toBe(one.kind === 'scratch' || one.kind === 'trial' ? '2030-01-01T00:00:00.000Z' : null)
    expect(issues).toEqual([])
    expect((await stored(one.name))[0]?.org).toEqual({ id: fake.orgId, kind: one.kind, name: `The ${one.kind}` })
  })

  it.each(CASES.filter((one) => one.provider !== one.fits && one.rule === 'refuse'))(
    '$kind through $provider is refused with a precise sentence; nothing is stored, and no grant is left behind',
    async (one) => {
      const before = approvalsIn(`kind-${one.kind}`)
      const page = await signInTo(one.name, one.host)
      expect(page.status).toBe(400)
      const fits: Provider = one.fits
      expect(page.result).toMatchObject({
        outcome: 'error',
        error_type: 'connection_validation_failed',
        error_desc: `This is ${one.found}; use the \`${fits}\` integration.`,
        diagnosis: { code: 'wrong-org-kind', actor: 'end_user', evidence: { org_id: orgOf(one.kind).orgId, kind_certain: true } },
      })
      expect(page.text).toContain(one.found)
      expect(await stored(one.name)).toEqual([])
      await untilRevoked(`kind-${one.kind}`, before)
    },
  )

  it.each(CASES.filter((one) => one.provider !== one.fits && one.rule === 'warn'))(
    '$kind through $provider is taken where the integration only warns, with an open issue',
    async (one) => {
      const page = await signInTo(one.name, one.host)
      expect(page.result, page.text).toMatchObject({ outcome: 'success' })
      const [listed] = await stored(one.name)
      const { issues, org } = await readConnection(server, listed!.connection_id, one.name)
      expect(org).toMatchObject({ kind: one.kind, kind_certain: true })
      expect(issues).toMatchObject([
        { kind: 'wrong_org_kind', diagnosis: { code: 'wrong-org-kind', title: expect.stringContaining(one.found) } },
      ])
      expect((await proxied(server, listed!.connection_id, one.name, query('SELECT Id FROM Organization'))).status).toBe(200)
    },
  )
})

describe('kinds that an environment refuses', () => {
  const refuse = async (kinds: string[]) => {
    const changed = await api().call('PATCH', '/environment', { body: { refused_org_kinds: kinds } })
    expect(changed.status, JSON.stringify(changed.body)).toBe(200)
  }
  afterAll(() => refuse([]))

  it('are refused through every integration, also one that only warns', async () => {
    await refuse(['developer', 'trailhead'])
    for (const name of ['developer-salesforce-refuse', 'developer-salesforce-sandbox-warn']) {
      const page = await signInTo(name, 'looks-like-production.my.salesforce.com')
      expect(page.result).toMatchObject({
        outcome: 'error',
        error_desc: 'This is a Developer Edition org; this environment does not take orgs of this kind.',
        diagnosis: { code: 'org-kind-refused', evidence: { kind: 'developer' } },
      })
      expect(page.text).toContain('a Developer Edition org')
    }
    expect((await signInTo('trial-salesforce-refuse', 'thirty-days.my.salesforce.com')).result).toMatchObject({ outcome: 'success' })
  })
})

describe('an import', () => {
  const imported = (integration: string, from: string, connectionId: string, instanceUrl: string) => {
    const token = [...server.fake.state.accessTokens.values()].findLast((one) => one.orgKey === from)
    const credentials = { type: 'OAUTH2', access_token: token!.value, refresh_token: `refresh-${connectionId}` }
    return api().post<ConnectionBody & ErrorAnswer>('/connections', {
      ...{ provider_config_key: integration, connection_id: connectionId, connection_config: { instance_url: instanceUrl }, credentials },
    })
  }
  const url = 'https://looks-like-production.my.salesforce.com'

  it('of the wrong kind is refused, or taken with an issue, as a sign-in is', async () => {
    const refused = await imported('developer-salesforce-sandbox-refuse', 'kind-developer', 'moved', url)
    expect([refused.status, refused.body.error.code, refused.body.error.diagnosis?.code]).toEqual([
      400,
      'connection_validation_failed',
      'wrong-org-kind',
    ])
    expect((await imported('developer-salesforce-sandbox-warn', 'kind-developer', 'moved', url)).status).toBe(201)
    const { issues, org } = await readConnection(server, 'moved', 'developer-salesforce-sandbox-warn')
    expect(issues.map((issue) => issue.kind)).toEqual(['wrong_org_kind'])
    // How long the session of an imported token lives cannot be told from it: it may have been used for hours.
    expect(org).toMatchObject({ kind: 'developer', session_minutes: null, login_host: null })
  })

  it('answers with the org at once', async () => {
    const taken = await imported('developer-salesforce-refuse', 'kind-developer', 'moved', url)
    expect(taken.body.org).toMatchObject({ kind: 'developer', name: 'The developer' })
  })
})

describe('a reconnect', () => {
  let id: string
  const INTEGRATION = 'reconnected'
  const reconnect = async (more: object, host: string) => {
    const made = await api().post<{ data: { token: string } }>('/connect/sessions/reconnect', {
      ...{ connection_id: id, integration_id: INTEGRATION, ...more },
    })
    expect(made.status, JSON.stringify(made.body)).toBe(201)
    const { token } = made.body.data
    return { token, page: await signIn(server, INTEGRATION, token, hostname(host)) }
  }

  beforeAll(async () => {
    // One app that both orgs know, as a packaged one is.
    const app = addOrgApp(server, 'kind-production', 'both_orgs', {
      ...{ distribution: 'Packaged', installedIn: ['kind-production', 'kind-trial'] },
    })
    await addIntegration(server, INTEGRATION, app, 'salesforce')
    id = await connect(server, INTEGRATION, { query: hostname('plain.my.salesforce.com') })
  })

  it('in another org is refused in plain words; the connection stays as it was', async () => {
    const before = approvalsIn('kind-trial')
    const { page } = await reconnect({}, 'thirty-days.my.salesforce.com')
    expect(page.result).toMatchObject({
      outcome: 'error',
      diagnosis: {
        code: 'another-org',
        evidence: {
          old_org_id: orgOf('production').orgId,
          new_org_id: orgOf('trial').orgId,
          old_host: 'plain.my.salesforce.com',
          new_host: 'thirty-days.my.salesforce.com',
        },
      },
    })
    expect(page.text).toContain('another Salesforce org')
    expect((await readConnection(server, id, INTEGRATION)).connection_config).toMatchObject({ org_id: orgOf('production').orgId })
    expect((await proxied(server, id, INTEGRATION, query('SELECT Id FROM Organization'))).status).toBe(200)
    await untilRevoked('kind-trial', before)
  })

  it('as another user of the same org is fine, and shows in the facts', async () => {
    server.fake.addUser({ orgKey: 'kind-production', username: 'second@production.example' })
    server.fake.consent({ decision: 'allow', user: 'second@production.example' })
    const { page } = await reconnect({}, 'plain.my.salesforce.com')
    expect(page.result, page.text).toMatchObject({ outcome: 'success', connection_id: id })
    const { org, connection_config: config } = await readConnection(server, id, INTEGRATION)
    expect(org?.username).toBe('second@production.example')
    expect(config).toMatchObject({ user_id: org?.user_id })
  })

  it('in another org is done when the backend has said so; the customer’s browser does not see the leave', async () => {
    server.fake.consent({ decision: 'allow', user: 'kim@trial.example' })
    const { page, token } = await reconnect({ accept_other_org: true }, 'thirty-days.my.salesforce.com')
    expect(page.result, page.text).toMatchObject({ outcome: 'success', connection_id: id })
    expect((await readConnection(server, id, INTEGRATION)).org).toMatchObject({ org_id: orgOf('trial').orgId, kind: 'trial' })
    const session = await createApiClient(server.url, token).get<{ data: { overrides?: unknown } }>('/connect/session')
    expect(session.body.data.overrides).toBeUndefined()
  })
})
