/** What only a deployment shows. All but the last are checked by the org and not kept. */
import { strToU8, zipSync } from 'fflate'
import type { AppOptions } from '@hawser/salesforce/eca/app-options.ts'
import { applyPreset } from '@hawser/salesforce/eca/presets.ts'
import { zipFor } from '../deploy-app.ts'
import { appInOrg, policyInOrg } from '../org-app.ts'
import { credentialsOf } from '../org-credentials.ts'
import { deployZipTo } from '../org-deploy.ts'
import type { DeployResult } from '../sf-cli.ts'
import { cannot, fails, pass, type Finding, type LiveCheck, type Subject } from './live-check.ts'

export const TEST_APP = 'Hawser_Live_Check'

export const appChecks: readonly LiveCheck[] = [
  {
    about: 'Whether a deploy with "Authorization Code and Credentials Flow" on fails',
    person:
      'Switch "Allow Authorization Code and Credentials Flows" off in OAuth and OpenID Connect Settings, and deploy the app of the guide.',
    writes: true,
    try: async (subject) => {
      const zip = await zipFor(subject.org, testApp({ flows: { codeAndCredentials: true } }))
      const result = await deployZipTo(subject.world, subject.org, zip, { checkOnly: true })
      return result.ok ? pass('accepted in this org; look whether its switch is off') : pass(`refused: ${problemsOf(result)}`)
    },
  },
  {
    about: 'The metadata token of the scope `sfap_api`',
    person: 'Deploy an app with that scope.',
    writes: true,
    try: async ({ world, org }) => {
      const zip = await zipFor(org, testApp({ scopes: ['api', 'refresh_token', 'sfap_api'] }))
      const result = await deployZipTo(world, org, zip, { checkOnly: true })
      return result.ok ? pass('our token is accepted') : fails(`refused: ${problemsOf(result)}`)
    },
  },
  {
    about: 'The generated app is accepted, can be read back and deleted',
    person: 'npm run hawser -- salesforce app deploy, then look at the app in Setup.',
    writes: true,
    try: roundTrip,
  },
]

export function testApp(more: Partial<AppOptions>): AppOptions {
  const given = {
    label: 'Hawser Live Check',
    apiName: TEST_APP,
    contactEmail: 'nobody@example.com',
    callbackUrls: ['https://example.com/oauth/callback'],
  }
  const checked = applyPreset('hardened', { ...given, ...more })
  if (!checked.ok) throw new Error('the test app does not fit its own rules')
  return checked.options
}

async function roundTrip({ world, org }: Subject): Promise<Finding> {
  if (await appInOrg(org, TEST_APP)) return cannot('an app of that name is there already; it was left alone')
  const deployed = await deployZipTo(world, org, await zipFor(org, testApp({})), { checkOnly: false })
  if (!deployed.ok) return fails(`refused: ${problemsOf(deployed)}`)
  try {
    const app = await appInOrg(org, TEST_APP)
    if (!app) return fails('accepted, but not found afterwards')
    const policy = await policyInOrg(org, app)
    const credentials = await credentialsOf(org, app)
    const secrets = 'refused' in credentials ? 'key and secret are not handed out here' : `the secret has ${secretForm(credentials.key)}`
    const kept = policy?.refreshTokenPolicyType === 'Infinite'
    return (kept ? pass : fails)(
      `distribution ${app.distribution}, refresh tokens ${policy?.refreshTokenPolicyType ?? 'unknown'}; ${secrets}`,
    )
  } finally {
    const gone = await deployZipTo(world, org, deletionZip(await org.newestVersion()), { checkOnly: false })
    if (!gone.ok)
      world.say(
        `The test app ${TEST_APP} could not be deleted: ${gone.problems[0]?.message ?? gone.message} Delete it in Setup → External Client App Manager.`,
      )
  }
}

function secretForm(key: string): string {
  return key.startsWith('3MVG9') ? 'a key of the usual form' : 'a key of another form'
}

export function problemsOf({ problems, message }: Extract<DeployResult, { ok: false }>): string {
  return problems.length === 0 ? message : problems.map((problem) => `${problem.type ?? ''} ${problem.message}`).join(' | ')
}

const NAMESPACE = 'http://soap.sforce.com/2006/04/metadata'
export const xml = (root: string, content: string): Uint8Array =>
  strToU8(`<?xml version="1.0" encoding="UTF-8"?>\n<${root} xmlns="${NAMESPACE}">${content}</${root}>\n`)

function deletionZip(version: string): Uint8Array {
  const types = `<types><members>${TEST_APP}</members><name>ExternalClientApplication</name></types>`
  return zipSync({ 'package.xml': xml('Package', `<version>${version}</version>`), 'destructiveChanges.xml': xml('Package', types) })
}
