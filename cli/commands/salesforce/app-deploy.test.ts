import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { App } from '@hawser/fake-salesforce/state.ts'
import { startRig, type Ran, type Rig } from './salesforce-rig.ts'

let rig: Rig
let number = 0
beforeAll(async () => void (rig = await startRig()))
afterAll(() => rig.close())
beforeEach(() => {
  number += 1
  rig.deployments = []
  rig.answers = []
  rig.questions = []
  for (const org of rig.server.fake.state.orgs.values()) org.ecaSecretRest = true
})

const KEY = `3MVG9${'a'.repeat(80)}`
const SECRET = 'ABCDEF0123456789'.repeat(4)

const folderNow = () => join(rig.folder, `app-${number}`)
const deployed = (org = 'acme-uat'): App | undefined =>
  [...rig.server.fake.state.apps.values()].find((app) => app.label === `Sync ${number}` && app.orgKey === org && !app.deleted)

function deploy(...more: string[]): Promise<Ran> {
  const named = existsSync(folderNow()) ? [] : ['--name', `Sync ${number}`, '--contact-email', 'ops@acme.example']
  return rig.run('salesforce', 'app', 'deploy', folderNow(), ...named, ...more)
}

async function integration(key: string): Promise<{ provider: string; client_id: string | null; connections: number }> {
  const answer = await fetch(`${rig.server.url}/integrations/${key}?include=credentials`, { headers: { authorization: `Bearer ${rig.server.apiKey}` } })
  const { data } = (await answer.json()) as { data: { provider: string; credentials: { client_id: string } | null } }
  return { provider: data.provider, client_id: data.credentials?.client_id ?? null, connections: 0 }
}

/** No secret on any stream, and none in the folder. */
async function expectSilent(ran: Ran, ...secrets: string[]): Promise<void> {
  const all = [ran.out, ran.err, await rig.written()].join('\n')
  for (const value of [...secrets, ...rig.server.fake.state.accessTokens.keys()]) expect(all.includes(value)).toBe(false)
  for (const app of rig.server.fake.state.apps.values())
    for (const { secret } of app.consumers) if (secret !== '') expect(all.includes(secret)).toBe(false)
}

describe('hawser salesforce app deploy', () => {
  it('is one command from nothing to a working integration', async () => {
    const ran = await deploy('--target-org', 'uat')
    expect(ran.failed, ran.err).toBe(false)
    expect(ran.out).toMatch(/Deployed "Sync \d+".*Made the integration salesforce-sandbox.*Next: .*connect salesforce-sandbox/s)
    expect(rig.deployments).toEqual([{ folder: folderNow(), alias: 'uat', dryRun: false }])
    expect(deployed()).toMatchObject({ scopes: ['api', 'refresh_token'], flags: { pkceRequired: true, codeCred: true }, policy: { rtPolicy: 'Infinite' } })
    const made = await integration('salesforce-sandbox')
    expect(made).toMatchObject({ provider: 'salesforce-sandbox', client_id: deployed()!.consumers[0]!.key })
    await expectSilent(ran)
  })

  it('goes without the Salesforce CLI, by a token from the environment', async () => {
    rig.world.env = { SF_ACCESS_TOKEN: rig.session('acme-uat', 'ann@acme.example.uat') }
    const ran = await deploy('--instance-url', 'acme--uat', '--integration', `k${number}`, '--json')
    rig.world.env = {}
    expect(ran.json()).toMatchObject({
      org: { host: 'acme--uat.sandbox.my.salesforce.com', kind: 'sandbox' },
      app: { api_name: `Sync_${number}` },
      deployment: { by: 'rest', without_code_and_credentials: false },
      integration: { unique_key: `k${number}`, provider: 'salesforce-sandbox', credentials: 'api', change: 'created' },
    })
    expect(rig.deployments).toEqual([])
    expect(deployed()).toBeDefined()
    await expectSilent(ran)
  })

  it('asks for the token when none is in the environment, and never echoes it', async () => {
    rig.answers = [rig.session('acme-uat', 'ann@acme.example.uat')]
    const ran = await deploy('--instance-url', 'https://acme--uat.sandbox.lightning.force.com/lightning/page/home', '--no-integration')
    expect(ran.failed, ran.err).toBe(false)
    expect(ran.out).toContain('No integration was touched')
    expect(rig.questions).toEqual([expect.stringContaining('Access token for acme--uat.sandbox.my.salesforce.com')])
    await expectSilent(ran)
  })

  it('deploys by itself with --without-sf, the session still from the CLI', async () => {
    const ran = await deploy('--target-org', 'uat', '--without-sf', '--no-integration')
    expect(ran.failed, ran.err).toBe(false)
    expect(rig.deployments).toEqual([])
    expect(deployed()).toBeDefined()
  })

  it('leaves the headless flow out where the org refuses it', async () => {
    rig.server.fake.set('orgs.acme-uat.refusesCodeCred', true)
    const ran = await deploy('--target-org', 'uat', '--no-integration')
    const tried = await deploy('--target-org', 'uat', '--dry-run', '--no-integration')
    rig.server.fake.set('orgs.acme-uat.refusesCodeCred', false)
    expect(ran.failed, ran.err).toBe(false)
    expect(ran.out).toMatch(/refuses the Authorization Code and Credentials Flow, so it was left out/)
    expect(deployed()!.flags.codeCred).toBe(false)
    expect(tried.out).toContain('it would be left out')
  })

  it('takes pasted credentials where the org does not hand them out', async () => {
    rig.server.fake.set('orgs.acme-uat.ecaSecretRest', false)
    rig.answers = ['  not a key ', `  ${KEY}  `, `${SECRET}\t`]
    const ran = await deploy('--target-org', 'uat', '--integration', `k${number}`)
    expect(ran.failed, ran.err).toBe(false)
    expect(ran.err).toMatch(/Setup → External Client App Manager → Sync \d+ → Settings → OAuth Settings/)
    expect(ran.err).toContain('https://acme--uat.sandbox.my.salesforce-setup.com/lightning/setup/ManageExternalClientApplication/home')
    expect(ran.err).toContain('spaces')
    expect(await integration(`k${number}`)).toMatchObject({ client_id: KEY })
    await expectSilent(ran, SECRET)
  })

  it('keeps the credentials of an app that is deployed again, at Enter', async () => {
    rig.server.fake.set('orgs.acme-uat.ecaSecretRest', false)
    rig.answers = [KEY, '1234567890123456']
    expect((await deploy('--target-org', 'uat', '--integration', `k${number}`)).err).toContain('not the usual form')
    rig.answers = ['']
    const again = await deploy('--target-org', 'uat', '--integration', `k${number}`)
    expect(again.out).toContain('keeps its key and secret')
    expect(await integration(`k${number}`)).toMatchObject({ client_id: KEY })
    await expectSilent(again, '1234567890123456')
  })

  it.each<[string[], RegExp]>([
    [['bad', 'bad', 'bad'], /no consumer key.*what was deployed stays/],
    [[KEY, '', '', ''], /Nothing was pasted/],
    [[KEY, KEY, KEY, KEY], /the consumer key again/],
  ])('gives up on what is no credential: %j', async (answers, sentence) => {
    rig.server.fake.set('orgs.acme-uat.ecaSecretRest', false)
    rig.answers = answers
    const ran = await deploy('--target-org', 'uat', '--integration', `k${number}`)
    expect(ran.failed).toBe(true)
    expect(ran.err).toMatch(sentence)
  })

  it('asks for the credentials when the user may not see secrets', async () => {
    rig.server.fake.set('/users/ann@acme.example.uat/permissions/viewClientSecret', false)
    rig.answers = [KEY, SECRET]
    const ran = await deploy('--target-org', 'uat', '--integration', `k${number}`, '--json')
    rig.server.fake.set('/users/ann@acme.example.uat/permissions/viewClientSecret', true)
    expect(ran.json()).toMatchObject({ integration: { credentials: 'pasted' } })
    await expectSilent(ran, SECRET)
  })

  it('says what the org has against the files, and brings nothing in', async () => {
    const problems = [{ type: 'ExternalClientApplication', component: 'Sync', message: 'DUPLICATE_VALUE: the name is already in use\u001b[2J' }]
    const { deployAnswer } = rig
    rig.deployAnswer = () => ({ ok: false, problems, message: 'failed' })
    const ran = await deploy('--target-org', 'uat', '--integration', `k${number}`)
    rig.deployAnswer = () => ({ ok: false, problems: [], message: 'sf is too old.' })
    const whole = await deploy('--target-org', 'uat', '--integration', `k${number}`)
    rig.deployAnswer = deployAnswer
    expect(ran.err).toMatch(/refused the deployment.*\n {2}- ExternalClientApplication Sync: DUPLICATE_VALUE: the name is already in use \[2J\n +Why: .*\n +Do: /)
    expect(whole.err).toContain('nothing of it was kept. sf is too old.')
    expect(await (await fetch(`${rig.server.url}/integrations/k${number}`, { headers: { authorization: `Bearer ${rig.server.apiKey}` } })).json()).toHaveProperty('error')
  })

  it('tells programs which checks failed', async () => {
    const ran = await deploy('--target-org', 'prod', '--json')
    expect(ran.json()).toMatchObject({
      error: { code: 'command_failed', message: expect.stringContaining('one check failed'), checks: expect.arrayContaining([{ name: 'Kind of org', result: 'failed', text: expect.any(String), fix: expect.any(String) }]) },
    })
  })

  it('changes nothing in a dry run, and writes no folder', async () => {
    const ran = await deploy('--target-org', 'uat', '--dry-run', '--json')
    expect(ran.json()).toMatchObject({ dry_run: true, checks: expect.arrayContaining([{ name: 'API access', result: 'ok', text: expect.anything() }]) })
    expect(existsSync(folderNow())).toBe(false)
    expect(deployed()).toBeUndefined()
  })
})

/** Nothing is written before every check has passed: no folder, no app, no integration. */
async function expectRefused(sentence: RegExp, ...words: string[]): Promise<Ran> {
  const ran = await deploy(...words, '--integration', `k${number}`)
  expect(ran.failed).toBe(true)
  expect(ran.err).toMatch(sentence)
  expect(existsSync(folderNow())).toBe(false)
  expect(rig.deployments).toEqual([])
  for (const org of rig.server.fake.state.orgs.keys()) expect(deployed(org)).toBeUndefined()
  return ran
}

describe('after a deployment', () => {
  afterEach(() => rig.server.fake.set('knobs.propagationDelayMs', 0))

  it('waits until Salesforce knows the app, and says why', async () => {
    rig.server.fake.set('knobs.propagationDelayMs', 4 * 60_000)
    const ran = await deploy('--target-org', 'uat', '--integration', `k${number}`, '--json')
    expect(ran.failed, ran.err).toBe(false)
    expect(ran.err).toMatch(/invalid_client_id: it does not know the new app everywhere yet.*up to 10 minutes.*not yet \(15 s\)/s)
    expect(ran.json()).toMatchObject({ probe: { ok: true, pkce_required: true, host: 'acme--uat.sandbox.my.salesforce.com' } })
  })

  it('waits no longer than it was told', async () => {
    rig.server.fake.set('knobs.propagationDelayMs', 4 * 60_000)
    const from = rig.server.clock.now()
    const ran = await deploy('--target-org', 'uat', '--integration', `k${number}`, '--wait', '1')
    expect(rig.server.clock.now() - from).toBeLessThan(80_000)
    expect(ran.failed).toBe(false)
    expect(ran.out).toMatch(/does not know the app yet \(waited \d+ s\).*up to 30 minutes.*doctor --integration k\d+/s)
    const at = rig.server.clock.now()
    const impatient = await deploy('--target-org', 'uat', '--integration', `k${number}`, '--wait', '0')
    expect(impatient.out).toContain('waited 0 s')
    expect(rig.server.clock.now() - at).toBeLessThan(15_000)
  })

  it('says what else the sign-in page refuses', async () => {
    expect((await deploy('--target-org', 'uat', '--integration', `k${number}`)).out).toContain('Salesforce knows the app')
    deployed()!.blocked = true
    rig.server.fake.set('orgs.acme-uat.ecaSecretRest', false)
    rig.answers = [KEY, SECRET]
    const ran = await deploy('--target-org', 'uat', '--integration', `k${number}`, '--wait', '0')
    expect(ran.out).toMatch(/go on with the former ones: .*migrate --progress --integration k\d+/)
    expect(ran.out).toContain('If it stays: ')
  })
})

describe('the checks before a deployment', () => {
  it.each<[string, string[], RegExp]>([
    ['production', ['--target-org', 'prod'], /Kind of org: this is a production org, not a sandbox\n.*--org-kind production/],
    ['a Developer Edition', ['--target-org', 'dev'], /this is a Developer Edition org, not a sandbox\n.*--org-kind developer/],
    ['a sandbox that is meant as production', ['--target-org', 'uat', '--org-kind', 'production'], /this is a sandbox, not a production org/],
  ])('refuse %s', async (_name, words, sentence) => void (await expectRefused(sentence, ...words)))

  it('take another kind when it is meant, with the provider that fits', async () => {
    const ran = await deploy('--target-org', 'dev', '--org-kind', 'developer', '--integration', `k${number}`)
    expect(ran.failed, ran.err).toBe(false)
    expect(deployed('dev')).toBeDefined()
    expect(await integration(`k${number}`)).toMatchObject({ provider: 'salesforce' })
  })

  it.each<[string, RegExp]>([
    ['externalClientAppDeveloper', /FAIL {2}Permission "Create, Edit, and Delete External Client Apps": .*PermissionsExternalClientAppDeveloper\)\n +Do: Setup/],
    ['modifyMetadata', /FAIL {2}Permission "Modify Metadata Through Metadata API Functions"/],
    ['customizeApplication', /FAIL {2}Permission "Customize Application"/],
  ])('name the missing permission %s', async (permission, sentence) => {
    const path = `/users/ann@acme.example.uat/permissions/${permission}`
    rig.server.fake.set(path, false)
    try {
      await expectRefused(sentence, '--target-org', 'uat')
    } finally {
      rig.server.fake.set(path, true)
    }
  })

  it('say that the API is off', async () => {
    rig.server.fake.set('/users/ann@acme.example.uat/apiEnabled', false)
    await expectRefused(/FAIL {2}API access: .*403 API_/, '--target-org', 'uat')
    rig.server.fake.set('/users/ann@acme.example.uat/apiEnabled', true)
  })

  it('say that the session is over', async () => {
    rig.world.env = { SF_ACCESS_TOKEN: '00D000000000000!AQEAQgone' }
    await expectRefused(/401 INVALID_SESSION_ID.*Log in again: sf org login web/s, '--instance-url', 'acme--uat')
    rig.world.env = {}
  })

  it('say that the org is down', async () => {
    rig.server.fake.set('knobs.fail503Times', 5)
    await expectRefused(/answered 503/, '--target-org', 'uat')
    rig.server.fake.set('knobs.fail503Times', 0)
  })

  it('say that the org cannot be reached', async () => {
    const { fetch } = rig.world
    const refused = Object.assign(new TypeError('fetch failed'), { cause: { code: 'ECONNREFUSED' } })
    rig.world.fetch = async () => Promise.reject(refused)
    await expectRefused(/acme--uat.sandbox.my.salesforce.com cannot be reached \(ECONNREFUSED\)/, '--target-org', 'uat')
    rig.world.fetch = fetch
  })

  it('say that the server cannot be reached', async () => {
    await expectRefused(/cannot be reached/, '--target-org', 'uat', '--server', 'http://localhost:9', '--callback-url', 'https://x.example/oauth/callback')
  })

  it('refuse a callback URL that is not the server’s', async () => {
    await expectRefused(/FAIL {2}Callback URL: the app has https:\/\/x\.example/, '--target-org', 'uat', '--callback-url', 'https://x.example/oauth/callback')
  })

  it('refuse an integration of the other provider', async () => {
    await fetch(`${rig.server.url}/integrations`, {
      method: 'POST',
      headers: { authorization: `Bearer ${rig.server.apiKey}`, 'content-type': 'application/json' },
      body: JSON.stringify({ unique_key: `k${number}`, provider: 'salesforce', credentials: { type: 'OAUTH2', client_id: KEY, client_secret: SECRET } }),
    })
    await expectRefused(/FAIL {2}Integration: .*provider salesforce, this org needs salesforce-sandbox/, '--target-org', 'uat')
  })
})

describe('which org is meant', () => {
  it.each<[string[], RegExp]>([
    [[], /Say which org/],
    [['--target-org', 'uat', '--instance-url', 'acme'], /not both/],
    [['--target-org', 'nobody'], /sf knows no org "nobody"\.\n.*Log in/],
    [['--instance-url', 'https://evil.example'], /not the address of a Salesforce org|Type/],
    [['--instance-url', 'https://acme.my.salesforce.com.evil.example'], /--instance-url/],
    [['--instance-url', 'http://localhost:9'], /No token is sent there|--instance-url/],
    [['--instance-url', 'login.salesforce.com'], /for logging in only/],
    [['--target-org', 'uat', '--wait', 'ever'], /--wait is a number of minutes/],
  ])('%j is refused', async (words, sentence) => {
    rig.answers = ['00D000000000000!AQEAQsometoken']
    await expectRefused(sentence, ...words)
    expect(rig.questions).toEqual([])
  })

  it('without the Salesforce CLI an alias says nothing, and the way out is told', async () => {
    const aliases = new Map(rig.aliases)
    rig.aliases.clear()
    await expectRefused(/Salesforce CLI \(sf\) is not on this machine.*--instance-url/s, '--target-org', 'uat')
    rig.aliases = aliases
  })

  it('a folder that is there is deployed as it is, and its name is the app’s', async () => {
    expect((await deploy('--target-org', 'uat', '--no-integration')).failed).toBe(false)
    const again = await deploy('--target-org', 'uat', '--no-integration', '--no-pkce')
    expect(again.err).toContain('is there already: its files are deployed')
    expect(deployed()!.flags.pkceRequired).toBe(true)
    expect((await deploy('--target-org', 'uat', '--no-integration', '--name', 'Other')).err).toContain(`is called "Sync ${number}"`)
    const anew = ['--force', '--name', `Sync ${number}`, '--contact-email', 'ops@acme.example', '--no-pkce']
    expect((await deploy('--target-org', 'uat', '--no-integration', ...anew)).failed).toBe(false)
    expect(deployed()!.flags.pkceRequired).toBe(false)
  })

  it('a folder that is not there needs a name', async () => {
    const ran = await rig.run('salesforce', 'app', 'deploy', folderNow(), '--target-org', 'uat')
    expect(ran.err).toMatch(/There is no folder .*--name and --contact-email/)
  })
})
