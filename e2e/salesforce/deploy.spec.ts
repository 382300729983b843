/** `sf project deploy start` against the fake org: what is registered, and what the real CLI makes of a refusal. */
import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startFakeSalesforce, type FakeSalesforce } from '@hawser/fake-salesforce/start.ts'
import { connect } from '@hawser/fake-salesforce/testing/browser.ts'
import { applyPreset, type PresetName } from '@hawser/salesforce/eca/presets.ts'
import type { AppOptions } from '@hawser/salesforce/eca/app-options.ts'
import { deployZip } from '@hawser/salesforce/eca/deploy-zip.ts'
import { deployProject, findSf, type DeployResult, type SfCli } from '../../cli/salesforce/sf-cli.ts'
import { writeApp } from './app-project.ts'
import { createSfRig, type SfRig } from './sf-rig.ts'

const SEED = new URL('seed-eca', import.meta.url).pathname
const MAIN = 'force-app/main/default'
const GLOBAL = `${MAIN}/extlClntAppGlobalOauthSets/Acme_Sync_glbloauth.ecaGlblOauth-meta.xml`
const OAUTH = `${MAIN}/extlClntAppOauthSettings/Acme_Sync_oauth.ecaOauth-meta.xml`
const POLICIES = `${MAIN}/extlClntAppOauthPolicies/Acme_Sync_oauthPlcy.ecaOauthPlcy-meta.xml`
let fake: FakeSalesforce
let rig: SfRig
let sf: SfCli

beforeAll(async () => {
  fake = await startFakeSalesforce({ ports: {} })
  rig = await createSfRig()
  const tokens = await connect(fake)
  await rig.logIn('uat', { instanceUrl: fake.url('org:acme-uat'), accessToken: tokens['access_token'] ?? '' })
  sf = (await findSf(rig.env))!
})
afterAll(async () => {
  await fake?.close()
  await rig?.remove()
})

const app = (name: string) => fake.state.apps.get(name)
const deploy = (folder: string, dryRun = false): Promise<DeployResult> => deployProject(sf, { folder, alias: 'uat', dryRun })

/** The seed with one text of one file replaced. */
async function seedWith(file: string, from: string, to: string): Promise<string> {
  const folder = await rig.project(SEED)
  const path = join(folder, file)
  const text = await readFile(path, 'utf8')
  if (!text.includes(from)) throw new Error(`${file} has no ${from}`)
  await writeFile(path, text.replace(from, to))
  return folder
}

describe('the app of the setup guide', () => {
  it('is tried without being made', async () => {
    expect(await deploy(await rig.project(SEED), true)).toMatchObject({ ok: true, id: expect.stringMatching(/^0Af\w{15}$/) })
    expect(app('Acme_Sync')).toBeUndefined()
  })

  it('has exactly these settings after the deployment', async () => {
    expect(await deploy(await rig.project(SEED))).toEqual({ ok: true, id: expect.stringMatching(/^0Af\w{15}$/), warnings: [] })
    expect(app('Acme_Sync')).toMatchObject({
      type: 'eca',
      orgKey: 'acme-uat',
      label: 'Acme Sync',
      distribution: 'Local',
      callbackUrls: ['https://api.example.com/oauth/callback'],
      scopes: ['api', 'refresh_token'],
      flags: {
        pkceRequired: true,
        secretRequiredWeb: true,
        secretRequiredRefresh: true,
        codeCred: true,
        clientCredentials: false,
        device: false,
      },
      policy: { rtPolicy: 'Infinite', permittedUsers: 'AllSelfAuthorized', ipRelaxation: 'Enforce', requiredSessionLevel: 'STANDARD' },
      consumers: [{ key: expect.stringMatching(/^3MVG9/), state: 'Active' }],
    })
  })

  it('keeps its key through another deployment, and takes the change', async () => {
    const key = app('Acme_Sync')?.consumers[0]?.key
    expect(await deploy(await seedWith(POLICIES, 'Infinite', 'Zero'))).toMatchObject({ ok: true })
    expect(app('Acme_Sync')).toMatchObject({ policy: { rtPolicy: 'Zero' }, consumers: [{ key }] })
  })
})

describe('a deployment with a warning', () => {
  it('is carried out, and the warning is passed on', async () => {
    const secret = app('Acme_Sync')?.consumers[0]?.secret
    const command = '<shouldRotateConsumerSecret>true</shouldRotateConsumerSecret>'
    const result = await deploy(await seedWith(GLOBAL, '</ExtlClntAppGlobalOauthSettings>', `${command}</ExtlClntAppGlobalOauthSettings>`))
    expect(result).toMatchObject({ ok: true, warnings: [expect.stringMatching(/^Acme_Sync_glbloauth: .*shouldRotateConsumerSecret/)] })
    expect(app('Acme_Sync')?.consumers[0]?.secret).not.toBe(secret)
  })
})

describe('a refused deployment', () => {
  it('names the component with a wrong value, and its line', async () => {
    expect(await deploy(await seedWith(POLICIES, 'Infinite', 'infinite'))).toEqual({
      ok: false,
      message: expect.stringMatching(/^The deployment 0Af\w{15} ended as Failed/),
      problems: [
        {
          component: 'Acme_Sync_oauthPlcy',
          type: 'ExtlClntAppOauthConfigurablePolicies',
          message: expect.stringMatching(/Infinite.*Zero.*SpecificLifetime/),
          line: 7,
        },
      ],
    })
  })

  it('names what is missing', async () => {
    const folder = await rig.project(SEED)
    await rm(join(folder, OAUTH))
    // The app is there already, with OAuth settings; under another name it has none.
    const global = join(folder, GLOBAL)
    await writeFile(
      global,
      (await readFile(global, 'utf8')).replace('<externalClientApplication>Acme_Sync', '<externalClientApplication>Other_App'),
    )
    expect(await deploy(folder)).toMatchObject({
      ok: false,
      problems: expect.arrayContaining([
        {
          component: 'Acme_Sync_glbloauth',
          type: 'ExtlClntAppGlobalOauthSettings',
          message: expect.stringContaining("doesn't have a valid OAuth settings configuration"),
        },
      ]),
    })
  })

  it('names a file of no metadata type, which sf itself refuses', async () => {
    const folder = await rig.project(SEED)
    const wrong = join(folder, MAIN, 'externalClientApps/Other.externalClientApplication-meta.xml')
    await writeFile(wrong, '<ExternalClientApplication xmlns="http://soap.sforce.com/2006/04/metadata"/>')
    expect(await deploy(folder)).toMatchObject({
      ok: false,
      problems: [],
      message: expect.stringMatching(/TypeInferenceError|Could not infer/),
    })
  })

  it('names a package directory that is not there', async () => {
    const folder = await rig.project(SEED)
    await rm(join(folder, 'force-app'), { recursive: true })
    expect(await deploy(folder)).toMatchObject({
      ok: false,
      problems: [],
      message: expect.stringContaining('MissingPackageDirectoryError'),
    })
  })

  it('shows the same to whoever runs sf by hand', async () => {
    const folder = await seedWith(POLICIES, 'Infinite', 'infinite')
    const ran = await rig.run(['project', 'deploy', 'start', '--source-dir', 'force-app', '--target-org', 'uat'], { cwd: folder })
    expect(ran.exitCode).toBe(1)
    expect(ran.stdout + ran.stderr).toContain('refreshTokenPolicyType')
  })
})

describe('an org that lacks the permission', () => {
  it('says so', async () => {
    fake.set('/users/ann@acme.example.uat/permissions/modifyMetadata', false)
    const result = await deploy(await rig.project(SEED))
    fake.set('/users/ann@acme.example.uat/permissions/modifyMetadata', true)
    expect(result).toMatchObject({ ok: false, message: expect.stringMatching(/may not do this: .*ModifyMetadata permissions\.\n/) })
  })
})

describe("the generator's app", () => {
  const options = (preset: PresetName, label: string): AppOptions => {
    const checked = applyPreset(preset, {
      label,
      contactEmail: 'integrations@example.com',
      callbackUrls: ['https://api.example.com/oauth/callback', 'http://localhost:3003/oauth/callback'],
      ...(preset === 'partner-mandate' ? { tokenIpRanges: [{ start: '198.51.100.7', end: '198.51.100.9' }] } : {}),
    })
    if (!checked.ok) throw new Error(JSON.stringify(checked.problems))
    return checked.options
  }

  it.each<[PresetName, object]>([
    ['as-guide', { flags: { pkceRequired: true, codeCred: true, rotation: false }, policy: { rtPolicy: 'Infinite' } }],
    [
      'hardened',
      { flags: { pkceRequired: true, codeCred: false, rotation: true, enforceTtl30d: false }, policy: { rtPolicy: 'Infinite' } },
    ],
    [
      'partner-mandate',
      {
        flags: { pkceRequired: true, rotation: true, enforceTtl30d: true },
        tokenIpRanges: [{ start: '198.51.100.7', end: '198.51.100.9' }],
      },
    ],
  ])('%s is deployed as it was meant', async (preset, settings) => {
    const made = options(preset, `Made ${preset}`)
    expect(await deploy(await writeApp(rig, made))).toMatchObject({ ok: true, warnings: [] })
    expect(app(made.apiName)).toMatchObject({ ...settings, callbackUrls: made.callbackUrls, scopes: ['api', 'refresh_token'] })
  })

  it('comes as a zip that sf deploys too', async () => {
    const made = options('hardened', 'Zipped')
    const zip = join(rig.folder, 'app.zip')
    await writeFile(zip, deployZip(made, { folder: '' }))
    const ran = await rig.run(['project', 'deploy', 'start', '--metadata-dir', zip, '--single-package', '--target-org', 'uat', '--json'])
    expect(ran.json, ran.stdout).toMatchObject({ status: 0, result: { status: 'Succeeded' } })
    expect(app(made.apiName)).toMatchObject({ flags: { rotation: true } })
  })
})
