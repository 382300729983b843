import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { Hawser } from '@hawser/node'
import { startRig, type Ran, type Rig } from './salesforce-rig.ts'

let rig: Rig
let client: Hawser
let number = 0
let key: string
let apps: string[]
beforeAll(async () => {
  rig = await startRig()
  client = new Hawser({ host: rig.server.url, apiKey: rig.server.apiKey })
})
afterAll(() => rig.close())
beforeEach(async () => {
  key = `k${(number += 1)}`
  apps = []
  rig.answers = []
  rig.questions = []
  await client.createIntegration({ unique_key: key, provider: 'salesforce-sandbox', credentials: credentialsOf(newApp()) })
})

function newApp(): string {
  const developerName = `${key}_app_${apps.length}`
  rig.server.fake.addApp({ orgKey: 'acme-uat', developerName, callbackUrls: [`${rig.server.url}/oauth/callback`] })
  apps.push(developerName)
  return developerName
}

function credentialsOf(developerName: string) {
  const { key: client_id, secret: client_secret } = rig.server.fake.state.apps.get(developerName)!.consumers[0]!
  return { type: 'OAUTH2' as const, client_id, client_secret }
}

async function connect(user: string): Promise<string> {
  const session = await client.createConnectSession({ end_user: { id: user }, allowed_integrations: [key] })
  const browser = rig.server.browser()
  await browser.open(`${rig.server.url}/oauth/connect/${key}?${new URLSearchParams({ connect_session_token: session.token })}`)
  await browser.close()
  const { result } = await client.getConnectSession(session.token)
  if (result?.outcome !== 'success') throw new Error(JSON.stringify(result))
  return result.connection_id
}

const migrate = (...more: string[]): Promise<Ran> => rig.run('salesforce', 'app', 'migrate', ...more)
const marked = async () => (await client.getIntegration(key)) as unknown as { app_migration: Record<string, unknown> | null }
const refreshes = () => rig.server.fake.log.entries.filter(({ path }) => path.includes('/oauth2/token')).length

describe('migrating by Setup’s button', () => {
  it('tells the clicks, waits, and refreshes exactly one connection', async () => {
    await connect('user-1')
    const canary = await connect('user-2')
    rig.answers = ['']
    const before = refreshes()
    const ran = await migrate('--integration', key)
    expect(ran.failed, ran.err).toBe(false)
    expect(ran.err).toContain('App Manager → the app → View → Migrate to External Client App')
    expect(rig.questions).toEqual([expect.stringContaining('Press Enter')])
    expect(ran.out).toMatch(new RegExp(`^survived: ${canary}`))
    expect(refreshes() - before).toBe(1)
    expect(await marked()).toMatchObject({ app_migration: { state: 'done', outcome: 'survived', canary_connection_id: canary } })
  })

  it('says "reconnect" with the reason when the grant is over', async () => {
    const canary = await connect('user-1')
    for (const grant of rig.server.fake.state.grants.values())
      if (grant.app.developerName === apps[0]) rig.server.fake.state.grants.delete(grant.id)
    const ran = await migrate('--eligible', '--integration', key, '--canary', canary, '--yes', '--json')
    expect(ran.failed).toBe(true)
    expect(ran.json()).toMatchObject({
      outcome: 'reconnect',
      canary_connection_id: canary,
      diagnosis: { code: expect.any(String), fix: expect.any(Array) },
    })
    expect(rig.questions).toEqual([])
    expect(await marked()).toMatchObject({ app_migration: { state: 'done', outcome: 'reconnect' } })
  })

  it('gives no verdict in an outage', async () => {
    await connect('user-1')
    rig.server.fake.set('knobs.fail503Times', 20)
    const ran = await migrate('--eligible', '--integration', key, '--yes')
    rig.server.fake.set('knobs.fail503Times', 0)
    expect(ran.failed).toBe(true)
    expect(ran.err).toMatch(/No verdict.*--yes/s)
    expect(await marked()).toMatchObject({ app_migration: { state: 'announced' } })
  })

  it('needs a connection that can tell', async () => {
    expect((await migrate('--eligible', '--integration', key)).err).toContain('has no connection that works')
    expect((await migrate('--eligible', '--integration', key, '--canary', 'nobody')).err).toContain('has no connection "nobody"')
  })
})

const CONNECTED_APP = `<?xml version="1.0" encoding="UTF-8"?>
<ConnectedApp xmlns="http://soap.sforce.com/2006/04/metadata">
    <contactEmail>ops@acme.example</contactEmail>
    <label>Acme &amp; Sync | Co</label>
    <oauthConfig>
        <callbackUrl>https://hawser.acme.example/oauth/callback</callbackUrl>
        <consumerKey>3MVG9oldkeyoldkeyoldkey</consumerKey>
        <consumerSecret>OLDSECRETOLDSECRET</consumerSecret>
        <isAdminApproved>false</isAdminApproved>
        <scopes>Api</scopes>
        <scopes>RefreshToken</scopes>
    </oauthConfig>
    <plugin>AcmeHandler</plugin>
</ConnectedApp>
`

describe('migrating from the file', () => {
  it('writes the new app and what became of each setting, without the old key and secret', async () => {
    const file = join(rig.folder, 'Acme.connectedApp-meta.xml')
    const folder = join(rig.folder, 'new-app')
    await writeFile(file, CONNECTED_APP)
    const ran = await migrate('--from', file, folder)
    expect(ran.failed, ran.err).toBe(false)
    expect(ran.err).toMatch(/ {2}NO {4}It has no Apex handler/)
    expect(ran.out).toMatch(/Setup does not offer the button.*app deploy.*--progress.*--finish/s)
    const report = await readFile(join(folder, 'migration-report.md'), 'utf8')
    expect(report).toContain('Acme & Sync \\| Co')
    for (const part of ['Taken over', 'By default', 'Dropped', 'Blockers', 'For a person']) expect(report).toContain(part)
    expect(report).toContain('isPkceRequired')
    await writeFile(file, '')
    for (const old of ['oldkeyoldkey', 'OLDSECRET']) expect(`${ran.out}${ran.err}${await rig.written()}`).not.toContain(old)
    expect((await migrate('--from', join(folder, '../new-app/package.xml'), folder)).failed).toBe(true)
  })

  it.each<[string, RegExp]>([
    ['<ConnectedApp', /Broken\.connectedApp: /],
    ['<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><ConnectedApp>&e;</ConnectedApp>', /Broken\.connectedApp: /],
  ])('refuses %j', async (xml, sentence) => {
    const file = join(rig.folder, 'Broken.connectedApp')
    await writeFile(file, xml)
    const ran = await migrate('--from', file, join(rig.folder, 'broken'))
    expect(ran.failed).toBe(true)
    expect(ran.err).toMatch(sentence)
    expect(ran.err).not.toContain('root:')
  })

  it('says how to get a file that is not there', async () => {
    expect((await migrate('--from', join(rig.folder, 'none.connectedApp'))).err).toMatch(/ENOENT.*sf project retrieve start/)
  })
})

describe('two apps side by side', () => {
  it('counts, refuses to finish while the old one is used, and forgets it then', async () => {
    expect((await migrate('--progress', '--integration', key)).out).toContain('There is no old set')
    const old = await connect('user-1')
    await client.updateIntegration(key, { credentials: credentialsOf(newApp()) })
    await connect('user-2')
    const half = await migrate('--progress', '--integration', key)
    expect(half.out).toMatch(/active .* 1 connection\n/)
    expect(half.out).toMatch(/retired .* 1 connection\n1 still to reconnect/)
    expect((await migrate('--progress', '--integration', key, '--json')).json()).toHaveLength(2)
    const early = await migrate('--finish', '--integration', key)
    expect(early.failed).toBe(true)
    expect(early.err).toMatch(new RegExp(`1 connections? still need.*\\n.*${old}`))
    await client.deleteConnection(key, old)
    expect((await migrate('--progress', '--integration', key)).out).toContain('--finish')
    expect((await migrate('--finish', '--integration', key)).out).toContain('Forgot 3MVG9')
    expect(await client.listIntegrationClients(key)).toHaveLength(1)
  })
})

it.each<[string[], RegExp]>([
  [[], /--integration <key>.*--from/],
  [['--progress', '--finish', '--integration', 'x'], /Choose one/],
  [['--progress', '--integration', 'nowhere'], /not_found/],
])('migrate %j is refused in a sentence', async (words, sentence) => {
  const ran = await migrate(...words)
  expect(ran.failed).toBe(true)
  expect(ran.err).toMatch(sentence)
})
