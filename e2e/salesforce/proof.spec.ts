/**
 * The whole way, with Salesforce's own tools at both ends: the generator's files are deployed by `sf`, the org makes the app, Hawser connects with its
 * credentials, `sf` and jsforce work through the gateway, the sandbox is refreshed, the same files are deployed again, and the connection lives on.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { applyPreset } from '@hawser/salesforce/eca/presets.ts'
import type { AppOptions } from '@hawser/salesforce/eca/app-options.ts'
import { deployProject, findSf, orgOf, type SfCli } from '../../cli/salesforce/sf-cli.ts'
import { startTestServer, type TestServer } from '../../testkit/test-server.ts'
import { createApiClient, type ErrorAnswer } from '../api-client.ts'
import { addIntegration, connect, proxied, query, readConnection, signIn } from '../customer.ts'
import { adminToken, readCredentials, type Credentials } from './admin.ts'
import { writeApp } from './app-project.ts'
import { openPlainDoor, type PlainDoor } from './plain-door.ts'
import { jsforceConnection } from './salesforce-libraries.ts'
import { createSfRig, type SfRig } from './sf-rig.ts'

const ORG = 'acme-uat'
const INTEGRATION = 'acme-sync'
const ACCOUNTS = 'SELECT Id, Name FROM Account'
let server: TestServer
let door: PlainDoor
/** The machine of the customer's admin, and that of a developer who has nothing but Hawser. */
let admin: SfRig
let developer: SfRig
let adminSf: SfCli
let app: AppOptions
let project: string
let credentials: Credentials
let id: string
let bearer: string

beforeAll(async () => {
  server = await startTestServer()
  ;[admin, developer] = await Promise.all([createSfRig(), createSfRig()])
  door = await openPlainDoor(server.fake.port!, server.fake.state.orgs.get(ORG)!.myDomainHost)
  server.fake.set(`orgs.${ORG}.ecaSecretRest`, true)
  adminSf = (await findSf(admin.env))!
  app = optionsOf('Acme Sync')
  project = await writeApp(admin, app)
})
afterAll(async () => {
  await door?.close()
  await server?.close()
  await admin?.remove()
  await developer?.remove()
})

function optionsOf(label: string): AppOptions {
  const given = { label, contactEmail: 'integrations@example.com', callbackUrls: [`${server.url}/oauth/callback`] }
  const checked = applyPreset('hardened', given, { orgKind: 'sandbox' })
  if (!checked.ok) throw new Error(JSON.stringify(checked.problems))
  return checked.options
}

const registered = () => server.fake.state.apps.get(app.apiName)
/** The refresh token of Hawser's approval. */
const refreshToken = () => [...server.fake.state.grants.values()].findLast((grant) => grant.app === registered())?.refreshToken
const credentialsSeen = new Set<string>()
/** The fake forgets tokens that have ended. */
function remember(): void {
  const hawsers = [...server.fake.state.accessTokens.values()].filter((token) => token.app === registered())
  for (const one of [...hawsers.map((token) => token.value), refreshToken(), credentials.clientSecret])
    if (one != null) credentialsSeen.add(one)
}
const refreshes = () => server.fake.log.counts['token:refresh_token'] ?? 0
const api = () => createApiClient(server.url, server.apiKey)
const viaGateway = (...args: string[]) => developer.run([...args, '--target-org', 'hawser'])
const accountsViaGateway = () => viaGateway('data', 'query', '--json', '--query', ACCOUNTS)

async function signInAsAdmin(): Promise<string> {
  const accessToken = await adminToken(door.url)
  await admin.logIn('uat', { instanceUrl: door.url, accessToken })
  expect(await orgOf(adminSf, 'uat')).toMatchObject({ ok: true, org: { orgId: server.fake.state.orgs.get(ORG)?.orgId } })
  return accessToken
}

describe('the admin', () => {
  it('deploys the files, and the org makes the app that they describe', async () => {
    await signInAsAdmin()
    expect(await deployProject(adminSf, { folder: project, alias: 'uat', dryRun: false })).toMatchObject({ ok: true, warnings: [] })
    expect(registered()).toMatchObject({
      orgKey: ORG,
      callbackUrls: [`${server.url}/oauth/callback`],
      scopes: ['api', 'refresh_token'],
      flags: { pkceRequired: true, secretRequiredWeb: true, secretRequiredRefresh: true, rotation: true },
    })
  })

  it('reads key and secret of the app', async () => {
    credentials = await readCredentials(door.url, await adminToken(door.url), app.apiName)
    expect(credentials).toEqual({ clientId: registered()?.consumers[0]?.key, clientSecret: registered()?.consumers[0]?.secret })
  })
})

describe('the connection', () => {
  it('is made with PKCE', async () => {
    await addIntegration(server, INTEGRATION, credentials)
    id = await connect(server, INTEGRATION)
    const { gateway_id, connection_config } = await readConnection(server, id, INTEGRATION)
    const orgId = server.fake.state.orgs.get(ORG)!.orgId
    expect(connection_config).toMatchObject({ org_id: orgId, instance_url: server.fake.url(`org:${ORG}`) })
    bearer = `${orgId.slice(0, 15)}!${server.apiKey}.${gateway_id}`
    const asked = server.fake.log.entries.find((entry) => entry.path.includes('code_challenge_method=S256') && !entry.path.includes('1717'))
    expect(asked).toBeDefined()
  })
})

describe('through the gateway', () => {
  it('jsforce queries', async () => {
    const client = await jsforceConnection({ instanceUrl: server.gatewayUrl, accessToken: bearer })
    expect(await client.query(ACCOUNTS)).toMatchObject({ totalSize: 3 })
    expect(await client.identity()).toMatchObject({ username: 'ann@acme.example.uat' })
  })

  it('sf signs in, queries and calls the REST API', async () => {
    const ran = await developer.logIn('hawser', { instanceUrl: server.gatewayUrl, accessToken: bearer })
    expect(ran.json?.result).toMatchObject({ username: 'ann@acme.example.uat' })
    expect((await accountsViaGateway()).json?.result).toMatchObject({ totalSize: 3 })
    const limits = await viaGateway('api', 'request', 'rest', '/services/data/v66.0/limits')
    expect(JSON.parse(limits.stdout)).toHaveProperty('DailyApiRequests')
  })

  it('sf deploys an app', async () => {
    const sf = (await findSf(developer.env))!
    expect(await orgOf(sf, 'hawser')).toMatchObject({ ok: true, org: { instanceUrl: server.gatewayUrl } })
    const other = optionsOf('Made By Gateway')
    expect(await deployProject(sf, { folder: await writeApp(developer, other), alias: 'hawser', dryRun: false })).toMatchObject({
      ok: true,
    })
    expect(server.fake.state.apps.get(other.apiName)).toMatchObject({ orgKey: ORG, flags: { rotation: true } })
  })

  it('the bearer itself is never sent to Salesforce', () => {
    const { entries } = server.fake.log
    expect(entries.filter((entry) => entry.bearer === 'own').length).toBeGreaterThan(10)
    expect(entries.filter((entry) => entry.bearer === 'unknown' || entry.bearer === 'foreign').map((entry) => entry.path)).toEqual([])
  })

  it('nobody notices that the session at Salesforce has ended, and the refresh token has rotated', async () => {
    const [before, count] = [refreshToken(), refreshes()]
    remember()
    server.fake.expireSessions(ORG)
    expect((await accountsViaGateway()).json?.result).toMatchObject({ totalSize: 3 })
    expect(refreshes()).toBe(count + 1)
    expect(refreshToken()).toMatch(/^5Aep/)
    expect(refreshToken()).not.toBe(before)
  })

  it('no credential of Salesforce lies in a file of the developer or in our log', async () => {
    remember()
    expect(credentialsSeen.size).toBeGreaterThan(4)
    const files = await developer.files()
    expect(files.length).toBeGreaterThan(5)
    for (const { path, content } of files) for (const one of credentialsSeen) expect(content.includes(one), path).toBe(false)
    // sf encrypts what it keeps, so it is asked as well.
    const kept = await viaGateway('org', 'auth', 'show-access-token', '--json')
    expect(kept.json?.result).toEqual({ accessToken: bearer })
    for (const one of credentialsSeen) expect(server.logged().includes(one)).toBe(false)
  })
})

describe('the sandbox is refreshed', () => {
  let newOrgId: string

  it('Hawser says so, to sf and in the API', async () => {
    ;({ newOrgId } = server.fake.sandboxRefresh(ORG))
    const count = refreshes()
    const ran = await accountsViaGateway()
    expect(ran.exitCode).not.toBe(0)
    expect(ran.json?.message).toMatch(/refresh/i)
    const answer = await proxied(server, id, INTEGRATION, query(ACCOUNTS))
    const { error } = (await answer.json()) as ErrorAnswer
    expect([answer.status, error.code]).toEqual([424, 'invalid_credentials'])
    const said = JSON.stringify(error.diagnosis)
    expect(said).toMatch(/refresh/i)
    expect(said).toContain('sf project deploy start')
    expect(refreshes()).toBe(count + 1)
  })

  it('sf tells the admin that her session has ended, too', async () => {
    expect(await orgOf(adminSf, 'uat')).toMatchObject({ ok: false, problem: expect.stringContaining('has ended') })
  })

  it('the same files make the app again, with credentials of its own', async () => {
    server.fake.set(`orgs.${ORG}.ecaSecretRest`, true)
    expect(registered()).toBeUndefined()
    const token = await signInAsAdmin()
    expect(await deployProject(adminSf, { folder: project, alias: 'uat', dryRun: false })).toMatchObject({ ok: true })
    const fresh = await readCredentials(door.url, token, app.apiName)
    expect(fresh.clientId).not.toBe(credentials.clientId)
    credentials = fresh
  })

  it('the customer reconnects, and it is the same connection', async () => {
    const { clientId, clientSecret } = credentials
    const body = { credentials: { type: 'OAUTH2', client_id: clientId, client_secret: clientSecret } }
    expect((await api().call('PATCH', `/integrations/${INTEGRATION}`, { body })).status).toBe(200)
    const session = await api().post<{ data: { token: string } }>('/connect/sessions/reconnect', {
      connection_id: id,
      integration_id: INTEGRATION,
    })
    expect(session.status, JSON.stringify(session.body)).toBe(201)
    const page = await signIn(server, INTEGRATION, session.body.data.token)
    expect(page.result).toMatchObject({ outcome: 'success', connection_id: id })
    const connection = await readConnection(server, id, INTEGRATION)
    expect(connection.connection_config).toMatchObject({ org_id: newOrgId })
    expect(bearer.endsWith(`.${connection.gateway_id}`)).toBe(true)
  })

  it('jsforce and sf go on with the bearer that they had', async () => {
    const client = await jsforceConnection({ instanceUrl: server.gatewayUrl, accessToken: bearer })
    expect(await client.query(ACCOUNTS)).toMatchObject({ totalSize: 3 })
    expect((await accountsViaGateway()).json?.result).toMatchObject({ totalSize: 3 })
  })
})
