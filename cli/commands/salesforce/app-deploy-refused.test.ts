import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { KEY, SECRET, startDeployScene, type DeployScene } from './deploy-rig.ts'

let scene: DeployScene
beforeAll(async () => void (scene = await startDeployScene()))
afterAll(() => scene.rig.close())
beforeEach(() => scene.next())

describe('the checks before a deployment', () => {
  it.each<[string, string[], RegExp]>([
    ['production', ['--target-org', 'prod'], /Kind of org: this is a production org, not a sandbox\n.*--org-kind production/],
    ['a Developer Edition', ['--target-org', 'dev'], /this is a Developer Edition org, not a sandbox\n.*--org-kind developer/],
    [
      'a sandbox that is meant as production',
      ['--target-org', 'uat', '--org-kind', 'production'],
      /this is a sandbox, not a production org/,
    ],
  ])('refuse %s', async (_name, words, sentence) => void (await scene.expectRefused(sentence, ...words)))

  it('take another kind when it is meant, with the provider that fits', async () => {
    const ran = await scene.deploy('--target-org', 'dev', '--org-kind', 'developer', '--integration', scene.key)
    expect(ran.failed, ran.err).toBe(false)
    expect(scene.deployed('dev')).toBeDefined()
    expect(await scene.integration(scene.key)).toMatchObject({ provider: 'salesforce' })
  })

  it.each<[string, RegExp]>([
    [
      'externalClientAppDeveloper',
      /FAIL {2}Permission "Create, Edit, and Delete External Client Apps": .*PermissionsExternalClientAppDeveloper\)\n +Do: Setup/,
    ],
    ['modifyMetadata', /FAIL {2}Permission "Modify Metadata Through Metadata API Functions"/],
    ['customizeApplication', /FAIL {2}Permission "Customize Application"/],
  ])('name the missing permission %s', async (permission, sentence) => {
    const path = `/users/ann@acme.example.uat/permissions/${permission}`
    scene.rig.server.fake.set(path, false)
    try {
      await scene.expectRefused(sentence, '--target-org', 'uat')
    } finally {
      scene.rig.server.fake.set(path, true)
    }
  })

  it('say that the API is off', async () => {
    scene.rig.server.fake.set('/users/ann@acme.example.uat/apiEnabled', false)
    await scene.expectRefused(/FAIL {2}API access: .*403 API_/, '--target-org', 'uat')
    scene.rig.server.fake.set('/users/ann@acme.example.uat/apiEnabled', true)
  })

  it('say that the session is over', async () => {
    scene.rig.world.env = { SF_ACCESS_TOKEN: '00D000000000000!AQEAQgone' }
    await scene.expectRefused(/401 INVALID_SESSION_ID.*Log in again: sf org login web/s, '--instance-url', 'acme--uat')
    scene.rig.world.env = {}
  })

  it('say that the org is down', async () => {
    scene.rig.server.fake.set('knobs.fail503Times', 5)
    await scene.expectRefused(/answered 503/, '--target-org', 'uat')
    scene.rig.server.fake.set('knobs.fail503Times', 0)
  })

  it('say that the org cannot be reached', async () => {
    const { fetch } = scene.rig.world
    const refused = Object.assign(new TypeError('fetch failed'), { cause: { code: 'ECONNREFUSED' } })
    scene.rig.world.fetch = async () => Promise.reject(refused)
    await scene.expectRefused(/acme--uat.sandbox.my.salesforce.com cannot be reached \(ECONNREFUSED\)/, '--target-org', 'uat')
    scene.rig.world.fetch = fetch
  })

  it('say that the server cannot be reached', async () => {
    await scene.expectRefused(
      /cannot be reached/,
      '--target-org',
      'uat',
      '--server',
      'http://localhost:9',
      '--callback-url',
      'https://x.example/oauth/callback',
    )
  })

  it('refuse a callback URL that is not the server’s', async () => {
    await scene.expectRefused(
      /FAIL {2}Callback URL: the app has https:\/\/x\.example/,
      '--target-org',
      'uat',
      '--callback-url',
      'https://x.example/oauth/callback',
    )
  })

  it('refuse an integration of the other provider', async () => {
    await fetch(`${scene.rig.server.url}/integrations`, {
      method: 'POST',
      headers: { authorization: `Bearer ${scene.rig.server.apiKey}`, 'content-type': 'application/json' },
      body: JSON.stringify({
        unique_key: scene.key,
        provider: 'salesforce',
        credentials: { type: 'OAUTH2', client_id: KEY, client_secret: SECRET },
      }),
    })
    await scene.expectRefused(/FAIL {2}Integration: .*provider salesforce, this org needs salesforce-sandbox/, '--target-org', 'uat')
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
    scene.rig.answers = ['00D000000000000!AQEAQsometoken']
    await scene.expectRefused(sentence, ...words)
    expect(scene.rig.questions).toEqual([])
  })

  it('without the Salesforce CLI an alias says nothing, and the way out is told', async () => {
    const aliases = new Map(scene.rig.aliases)
    scene.rig.aliases.clear()
    await scene.expectRefused(/Salesforce CLI \(sf\) is not on this machine.*--instance-url/s, '--target-org', 'uat')
    scene.rig.aliases = aliases
  })

  it('a folder that is there is deployed as it is, and its name is the app’s', async () => {
    expect((await scene.deploy('--target-org', 'uat', '--no-integration')).failed).toBe(false)
    const again = await scene.deploy('--target-org', 'uat', '--no-integration', '--no-pkce')
    expect(again.err).toContain('is there already: its files are deployed')
    expect(scene.deployed()!.flags.pkceRequired).toBe(true)
    expect((await scene.deploy('--target-org', 'uat', '--no-integration', '--name', 'Other')).err).toContain(
      `is called "Sync ${scene.number}"`,
    )
    const anew = ['--force', '--name', `Sync ${scene.number}`, '--contact-email', 'ops@acme.example', '--no-pkce']
    expect((await scene.deploy('--target-org', 'uat', '--no-integration', ...anew)).failed).toBe(false)
    expect(scene.deployed()!.flags.pkceRequired).toBe(false)
  })

  it('a folder that is not there needs a name', async () => {
    const ran = await scene.rig.run('salesforce', 'app', 'deploy', scene.folderNow(), '--target-org', 'uat')
    expect(ran.err).toMatch(/There is no folder .*--name and --contact-email/)
  })
})
