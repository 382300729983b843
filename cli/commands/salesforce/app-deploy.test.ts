import { existsSync } from 'node:fs'
import { mkdir, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { KEY, SECRET, startDeployScene, type DeployScene } from './deploy-rig.ts'

let scene: DeployScene
beforeAll(async () => void (scene = await startDeployScene()))
afterAll(() => scene.rig.close())
beforeEach(() => scene.next())

describe('hawser salesforce app deploy', () => {
  it('is one command from nothing to a working integration', async () => {
    const ran = await scene.deploy('--target-org', 'uat')
    expect(ran.failed, ran.err).toBe(false)
    expect(ran.out).toMatch(/Deployed "Sync \d+".*Made the integration salesforce-sandbox.*Next: .*connect salesforce-sandbox/s)
    expect(scene.rig.deployments).toEqual([{ folder: scene.folderNow(), alias: 'uat', dryRun: false }])
    expect(scene.deployed()).toMatchObject({
      scopes: ['api', 'refresh_token'],
      flags: { pkceRequired: true, codeCred: true },
      policy: { rtPolicy: 'Infinite' },
    })
    const made = await scene.integration('salesforce-sandbox')
    expect(made).toMatchObject({ provider: 'salesforce-sandbox', client_id: scene.deployed()!.consumers[0]!.key })
    await scene.expectSilent(ran)
  })

  it('goes without the Salesforce CLI, by a token from the environment', async () => {
    scene.rig.world.env = { SF_ACCESS_TOKEN: scene.rig.session('acme-uat', 'ann@acme.example.uat') }
    const ran = await scene.deploy('--instance-url', 'acme--uat', '--integration', scene.key, '--json')
    scene.rig.world.env = {}
    expect(ran.json()).toMatchObject({
      org: { host: 'acme--uat.sandbox.my.salesforce.com', kind: 'sandbox' },
      app: { api_name: `Sync_${scene.number}` },
      deployment: { by: 'rest', without_code_and_credentials: false },
      integration: { unique_key: scene.key, provider: 'salesforce-sandbox', credentials: 'api', change: 'created' },
    })
    expect(scene.rig.deployments).toEqual([])
    expect(scene.deployed()).toBeDefined()
    await scene.expectSilent(ran)
  })

  it('asks for the token when none is in the environment, and never echoes it', async () => {
    scene.rig.answers = [scene.rig.session('acme-uat', 'ann@acme.example.uat')]
    const ran = await scene.deploy(
      '--instance-url',
      'https://acme--uat.sandbox.lightning.force.com/lightning/page/home',
      '--no-integration',
    )
    expect(ran.failed, ran.err).toBe(false)
    expect(ran.out).toContain('No integration was touched')
    expect(scene.rig.questions).toEqual([expect.stringContaining('Access token for acme--uat.sandbox.my.salesforce.com')])
    await scene.expectSilent(ran)
  })

  it('deploys by itself with --without-sf, the session still from the CLI', async () => {
    const ran = await scene.deploy('--target-org', 'uat', '--without-sf', '--no-integration')
    expect(ran.failed, ran.err).toBe(false)
    expect(scene.rig.deployments).toEqual([])
    expect(scene.deployed()).toBeDefined()
  })

  it('leaves the headless flow out where the org refuses it', async () => {
    scene.rig.server.fake.set('orgs.acme-uat.refusesCodeCred', true)
    const ran = await scene.deploy('--target-org', 'uat', '--no-integration')
    const tried = await scene.deploy('--target-org', 'uat', '--dry-run', '--no-integration')
    scene.rig.server.fake.set('orgs.acme-uat.refusesCodeCred', false)
    expect(ran.failed, ran.err).toBe(false)
    expect(ran.out).toMatch(/refuses the Authorization Code and Credentials Flow, so it was left out/)
    expect(scene.deployed()!.flags.codeCred).toBe(false)
    expect(tried.out).toContain('it would be left out')
  })

  it('takes pasted credentials where the org does not hand them out', async () => {
    scene.rig.server.fake.set('orgs.acme-uat.ecaSecretRest', false)
    scene.rig.answers = ['  not a key ', `  ${KEY}  `, `${SECRET}\t`]
    const ran = await scene.deploy('--target-org', 'uat', '--integration', scene.key)
    expect(ran.failed, ran.err).toBe(false)
    expect(ran.err).toMatch(/Setup → External Client App Manager → Sync \d+ → Settings → OAuth Settings/)
    expect(ran.err).toContain('https://acme--uat.sandbox.my.salesforce-setup.com/lightning/setup/ManageExternalClientApplication/home')
    expect(ran.err).toContain('spaces')
    expect(await scene.integration(scene.key)).toMatchObject({ client_id: KEY })
    await scene.expectSilent(ran, SECRET)
  })

  it('deploys a fresh clone, from which version control has left the global OAuth settings out', async () => {
    await scene.deploy('--target-org', 'uat', '--integration', scene.key)
    const global = join(scene.folderNow(), 'force-app/main/default/extlClntAppGlobalOauthSets')
    const before = await readdir(global)
    await rm(global, { recursive: true })
    const ran = await scene.deploy('--target-org', 'uat', '--integration', scene.key)
    expect(ran.failed, ran.err).toBe(false)
    expect(`${ran.out}${ran.err}`).toContain('again, from hawser-app.json')
    expect(await readdir(global)).toEqual(before)
    expect(scene.deployed()).toMatchObject({ flags: { pkceRequired: true } })
  })

  it('keeps the credentials of an app that is deployed again, at Enter', async () => {
    scene.rig.server.fake.set('orgs.acme-uat.ecaSecretRest', false)
    scene.rig.answers = [KEY, '1234567890123456']
    expect((await scene.deploy('--target-org', 'uat', '--integration', scene.key)).err).toContain('not the usual form')
    scene.rig.answers = ['']
    const again = await scene.deploy('--target-org', 'uat', '--integration', scene.key)
    expect(again.out).toContain('keeps its key and secret')
    expect(await scene.integration(scene.key)).toMatchObject({ client_id: KEY })
    await scene.expectSilent(again, '1234567890123456')
  })

  it.each<[string[], RegExp]>([
    [['bad', 'bad', 'bad'], /no consumer key[^]*The app is deployed/],
    [[KEY, '', '', ''], /Nothing was pasted/],
    [[KEY, KEY, KEY, KEY], /the consumer key again/],
  ])('gives up on what is no credential: %j', async (answers, sentence) => {
    scene.rig.server.fake.set('orgs.acme-uat.ecaSecretRest', false)
    scene.rig.answers = answers
    const ran = await scene.deploy('--target-org', 'uat', '--integration', scene.key)
    expect(ran.failed).toBe(true)
    expect(ran.err).toMatch(sentence)
  })

  it('makes the app in a folder that is there and empty but for git', async () => {
    await mkdir(`${scene.folderNow()}/.git`, { recursive: true })
    const named = ['--name', `Sync ${scene.number}`, '--contact-email', 'ops@acme.example']
    const ran = await scene.deploy(...named, '--target-org', 'uat', '--no-integration')
    expect(ran.failed, ran.err).toBe(false)
    expect(scene.deployed()).toBeDefined()
  })

  it('asks for the credentials when the user may not see secrets', async () => {
    scene.rig.server.fake.set('/users/ann@acme.example.uat/permissions/viewClientSecret', false)
    scene.rig.answers = [KEY, SECRET]
    const ran = await scene.deploy('--target-org', 'uat', '--integration', scene.key, '--json')
    scene.rig.server.fake.set('/users/ann@acme.example.uat/permissions/viewClientSecret', true)
    expect(ran.json()).toMatchObject({ integration: { credentials: 'pasted' } })
    await scene.expectSilent(ran, SECRET)
  })

  it('says what the org has against the files, and brings nothing in', async () => {
    const problems = [
      { type: 'ExternalClientApplication', component: 'Sync', message: 'DUPLICATE_VALUE: the name is already in use\u001b[2J' },
    ]
    const { deployAnswer } = scene.rig
    scene.rig.deployAnswer = () => ({ ok: false, problems, message: 'failed' })
    const ran = await scene.deploy('--target-org', 'uat', '--integration', scene.key)
    scene.rig.deployAnswer = () => ({ ok: false, problems: [], message: 'sf is too old.' })
    const whole = await scene.deploy('--target-org', 'uat', '--integration', scene.key)
    scene.rig.deployAnswer = deployAnswer
    expect(ran.err).toMatch(
      /refused the deployment.*\n {2}- ExternalClientApplication Sync: DUPLICATE_VALUE: the name is already in use \[2J\n +Why: .*\n +Do: /,
    )
    expect(whole.err).toContain('nothing of it was kept. sf is too old.')
    expect(
      await (
        await fetch(`${scene.rig.server.url}/integrations/k${scene.number}`, {
          headers: { authorization: `Bearer ${scene.rig.server.apiKey}` },
        })
      ).json(),
    ).toHaveProperty('error')
  })

  it('tells programs which checks failed', async () => {
    const ran = await scene.deploy('--target-org', 'prod', '--json')
    expect(ran.json()).toMatchObject({
      error: {
        code: 'command_failed',
        message: expect.stringContaining('one check failed'),
        checks: expect.arrayContaining([{ name: 'Kind of org', result: 'failed', text: expect.any(String), fix: expect.any(String) }]),
      },
    })
  })

  it('changes nothing in a dry run, and writes no folder', async () => {
    const ran = await scene.deploy('--target-org', 'uat', '--dry-run', '--json')
    expect(ran.json()).toMatchObject({
      dry_run: true,
      checks: expect.arrayContaining([{ name: 'API access', result: 'ok', text: expect.anything() }]),
    })
    expect(existsSync(scene.folderNow())).toBe(false)
    expect(scene.deployed()).toBeUndefined()
  })
})

describe('after a deployment', () => {
  afterEach(() => scene.rig.server.fake.set('knobs.propagationDelayMs', 0))

  it('waits until Salesforce knows the app, and says why', async () => {
    scene.rig.server.fake.set('knobs.propagationDelayMs', 4 * 60_000)
    const ran = await scene.deploy('--target-org', 'uat', '--integration', scene.key, '--json')
    expect(ran.failed, ran.err).toBe(false)
    expect(ran.err).toMatch(/invalid_client_id: it does not know the new app everywhere yet.*up to 10 minutes.*not yet \(15 s\)/s)
    expect(ran.json()).toMatchObject({ probe: { ok: true, pkce_required: true, host: 'acme--uat.sandbox.my.salesforce.com' } })
  })

  it('waits no longer than it was told', async () => {
    scene.rig.server.fake.set('knobs.propagationDelayMs', 4 * 60_000)
    const from = scene.rig.server.clock.now()
    const ran = await scene.deploy('--target-org', 'uat', '--integration', scene.key, '--wait', '1')
    expect(scene.rig.server.clock.now() - from).toBeLessThan(80_000)
    expect(ran.failed).toBe(false)
    expect(ran.out).toMatch(/does not know the app yet \(waited \d+ s\).*up to 30 minutes.*doctor --integration k\d+/s)
    const at = scene.rig.server.clock.now()
    const impatient = await scene.deploy('--target-org', 'uat', '--integration', scene.key, '--wait', '0')
    expect(impatient.out).toContain('waited 0 s')
    expect(scene.rig.server.clock.now() - at).toBeLessThan(15_000)
  })

  it('says what else the sign-in page refuses', async () => {
    expect((await scene.deploy('--target-org', 'uat', '--integration', scene.key)).out).toContain('Salesforce knows the app')
    scene.deployed()!.blocked = true
    scene.rig.server.fake.set('orgs.acme-uat.ecaSecretRest', false)
    scene.rig.answers = [KEY, SECRET]
    const ran = await scene.deploy('--target-org', 'uat', '--integration', scene.key, '--wait', '0')
    expect(ran.out).toMatch(/go on with the former ones: .*migrate --progress --integration k\d+/)
    expect(ran.out).toContain('If it stays: ')
  })
})
