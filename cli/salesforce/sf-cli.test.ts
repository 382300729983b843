/** The driver of the Salesforce CLI against a script that answers as the real one does (copied from 2.150.6; e2e/salesforce runs the real one). */
import { chmod, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { reveal } from '#lib/secret.ts'
import { createFakeSf, type FakeSf } from './fake-sf-for-tests.ts'
import { deployProject, findSf, orgOf, type SfCli } from './sf-cli.ts'
import { jsonIn, runSf, withoutTokens } from './sf-process.ts'

let fake: FakeSf
let sf: SfCli
beforeEach(async () => {
  fake = await createFakeSf()
  sf = { path: fake.path, version: '2.150.6', env: fake.env }
})
afterEach(() => fake.remove())

const TOKEN = '00DFk0000008OIA!AQEAQaa89wNLTSCe2JCBinHjqatLdbvd.X9E8yVljdPkjT1F5SdldJBer61dpvCN_wgyfUD5D'
const ORG = {
  id: '00DFk0000008OIAMA2',
  apiVersion: '67.0',
  accessToken: "[REDACTED] Use 'sf org auth show-access-token' to view",
  instanceUrl: 'https://acme--uat.sandbox.my.salesforce.com/',
  username: 'ann@acme.example.uat',
  connectedStatus: 'Connected',
  alias: 'uat',
}
const DISPLAY = { to: 'org display', stdout: { status: 0, result: ORG, warnings: ['Secrets are now hidden'] } }
const SHOW_TOKEN = {
  to: 'org auth show-access-token',
  stdout: { status: 0, result: { accessToken: TOKEN }, warnings: ['This command exposes …'] },
}
const UNKNOWN_ORG = {
  name: 'NamedOrgNotFoundError',
  message: 'Parsing --target-org \n\tNo authorization information found for uat.\nSee more help with --help',
  exitCode: 2,
  status: 2,
}
const INVALID_SESSION = { name: 'INVALID_SESSION_ID', message: 'Session expired or invalid', exitCode: 1, status: 1 }

describe('findSf', () => {
  it('finds sf on PATH and asks for its version, without colours, which would spoil the JSON', async () => {
    expect(await findSf(fake.env)).toMatchObject({ path: fake.path, version: '2.150.6' })
    expect((await fake.calls())[0]).toMatchObject({
      args: ['version', '--json'],
      env: { FORCE_COLOR: '', NO_COLOR: '1', SF_ORG_METADATA_REST_DEPLOY: 'true' },
    })
  })

  it('takes HAWSER_SF_PATH before PATH, and nothing else if that is wrong', async () => {
    expect(await findSf({ HAWSER_SF_PATH: fake.path })).toMatchObject({ version: '2.150.6' })
    expect(await findSf({ ...fake.env, HAWSER_SF_PATH: '/nowhere/sf' })).toBeUndefined()
  })

  it('passes over what cannot be run', async () => {
    expect(await findSf({})).toBeUndefined()
    await chmod(fake.path, 0o644)
    expect(await findSf(fake.env)).toBeUndefined()
  })

  it('reads the version of old CLIs, which know no JSON here', async () => {
    await fake.answers({ to: 'version', stdout: '@salesforce/cli/1.86.0 linux-x64 node-v18.15.0\n' })
    const old = await findSf(fake.env)
    expect(old?.version).toBe('1.86.0')
    expect(await orgOf(old!, 'uat')).toMatchObject({
      ok: false,
      problem: expect.stringContaining('too old: version 1.86.0'),
      fix: expect.stringContaining('sf update'),
    })
  })

  it('keeps an sf that does not say its version, and says so when it is needed', async () => {
    await fake.answers({ to: 'version', stderr: 'Cannot find module', exitCode: 1 })
    const broken = await findSf(fake.env)
    expect(broken).toMatchObject({ version: undefined })
    expect(await orgOf(broken!, 'uat')).toMatchObject({ ok: false, problem: expect.stringContaining('does not say its version') })
    expect(await deployProject(broken!, { folder: fake.project, alias: 'uat', dryRun: false })).toMatchObject({
      ok: false,
      message: expect.stringContaining('does not say its version'),
    })
  })
})

describe('orgOf', () => {
  it('asks for the token where newer versions keep it', async () => {
    await fake.answers(DISPLAY, SHOW_TOKEN)
    const found = await orgOf(sf, 'uat')
    expect(found).toMatchObject({
      ok: true,
      org: {
        alias: 'uat',
        username: ORG.username,
        orgId: ORG.id,
        instanceUrl: 'https://acme--uat.sandbox.my.salesforce.com',
        apiVersion: '67.0',
        isSandbox: true,
        isScratch: false,
      },
    })
    expect(found.ok && reveal(found.org.accessToken)).toBe(TOKEN)
    expect(JSON.stringify(found)).not.toContain(TOKEN)
    expect((await fake.calls()).map((call) => call.args)).toEqual([
      ['org', 'display', '--json', '--target-org', 'uat'],
      ['org', 'auth', 'show-access-token', '--json', '--target-org', 'uat'],
    ])
  })

  it('takes the token from older versions, whatever they print before the JSON', async () => {
    const body = JSON.stringify({ status: 0, result: { ...ORG, accessToken: TOKEN, alias: undefined } }, null, 2)
    await fake.answers({
      to: 'org display',
      stdout: `Warning: {beta} this command\n will change\n${body}\n`,
      stderr: ' ›   Warning: @salesforce/cli update available\n',
    })
    const found = await orgOf(sf, 'uat')
    expect(found).toMatchObject({ ok: true, org: { alias: 'uat' } })
    expect(found.ok && reveal(found.org.accessToken)).toBe(TOKEN)
    expect(await fake.calls()).toHaveLength(1)
  })

  it('knows a scratch org by its Dev Hub, and claims nothing of a host that says nothing', async () => {
    const scratch = {
      ...ORG,
      connectedStatus: undefined,
      devHubId: 'hub@acme.example',
      instanceUrl: 'http://localhost:4106/',
      accessToken: TOKEN,
    }
    await fake.answers({ to: 'org display', stdout: { status: 0, result: scratch } })
    const found = await orgOf(sf, 'uat')
    expect(found).toMatchObject({ ok: true, org: { isScratch: true, instanceUrl: 'http://localhost:4106' } })
    expect(found.ok && 'isSandbox' in found.org).toBe(false)
  })

  it.each(['', '-x', '--json', 'a\nb', 'x'.repeat(201)])('refuses the alias %j without running anything', async (alias) => {
    expect(await orgOf(sf, alias)).toMatchObject({ ok: false, problem: expect.stringContaining('no alias') })
    expect(await deployProject(sf, { folder: fake.project, alias, dryRun: true })).toMatchObject({
      ok: false,
      message: expect.stringContaining('no alias'),
    })
    expect(await fake.calls()).toEqual([])
  })

  it('hands an alias over as it is', async () => {
    const alias = `it's; touch "$HOME" \`id\``
    await fake.answers({ to: 'org display', stdout: UNKNOWN_ORG, exitCode: 2 })
    const found = await orgOf(sf, alias)
    expect((await fake.calls())[0]?.args.at(-1)).toBe(alias)
    expect(found).toMatchObject({
      ok: false,
      problem: `sf knows no org "${alias}".`,
      fix: expect.stringContaining(`--alias 'it'\\''s; touch`),
    })
  })

  it('says that a session has ended, and how to sign in', async () => {
    await fake.answers({ to: 'org display', stdout: { status: 0, result: { ...ORG, connectedStatus: 'Session expired or invalid' } } })
    expect(await orgOf(sf, 'uat')).toEqual({
      ok: false,
      problem: 'The session that sf has for "uat" has ended: Session expired or invalid.',
      fix: "Sign in again: sf org login web --alias uat --instance-url <the org's My Domain>",
    })
  })

  it('says what else is wrong with the org', async () => {
    await fake.answers({ to: 'org display', stdout: { status: 0, result: { ...ORG, connectedStatus: 'DomainNotFoundError' } } })
    expect(await orgOf(sf, 'uat')).toMatchObject({ ok: false, problem: expect.stringContaining('DomainNotFoundError') })
    await fake.answers({ to: 'org display', stdout: { status: 0, result: {} } })
    expect(await orgOf(sf, 'uat')).toMatchObject({ ok: false, problem: expect.stringContaining('nothing of use') })
  })

  it('reads an error that old versions print to stderr', async () => {
    await fake.answers({ to: 'org display', stderr: `Warning: …\n${JSON.stringify(UNKNOWN_ORG, null, 2)}`, exitCode: 1 })
    expect(await orgOf(sf, 'uat')).toMatchObject({
      ok: false,
      problem: 'sf knows no org "uat".',
      fix: expect.stringContaining('sf org list'),
    })
  })

  it('passes on an error that it does not know, without a token in it', async () => {
    await fake.answers({ to: 'org display', stdout: { status: 1, name: 'SomeError', message: `Odd: ${TOKEN}\nfailed.` }, exitCode: 1 })
    const found = await orgOf(sf, 'uat')
    expect(found).toMatchObject({ ok: false, problem: expect.stringMatching(/^sf says: Odd: .* failed \(SomeError\)\.$/) })
    expect(JSON.stringify(found)).not.toContain('AQEAQ')
  })

  it('says that sf is too old when it does not know the command that shows the token', async () => {
    const unknown = { to: 'org auth', stderr: ' ›   Warning: org auth show-access-token is not a sf command.\n', exitCode: 127 }
    await fake.answers(DISPLAY, unknown)
    expect(await orgOf(sf, 'uat')).toMatchObject({
      ok: false,
      problem: expect.stringContaining('too old'),
      fix: expect.stringContaining('sf update'),
    })
  })

  it('says so when no token is shown, no JSON comes, or the program is gone', async () => {
    await fake.answers(DISPLAY, { ...SHOW_TOKEN, stdout: { status: 0, result: { accessToken: '[REDACTED] …' } } })
    expect(await orgOf(sf, 'uat')).toMatchObject({ ok: false, problem: 'sf does not show the access token of "uat".' })
    await fake.answers({ to: 'org display', stdout: 'KEY VALUE', exitCode: 0 })
    expect(await orgOf(sf, 'uat')).toMatchObject({ ok: false, problem: 'sf gave no JSON: KEY VALUE.' })
    await rm(fake.path)
    expect(await orgOf(sf, 'uat')).toMatchObject({ ok: false, problem: 'sf cannot be started (ENOENT).' })
  })
})

describe('deployProject', () => {
  const deploy = (dryRun = false) => deployProject(sf, { folder: fake.project, alias: 'uat', dryRun })
  const START = 'project deploy start'
  const done = {
    id: '0AfFk00000001dLKAQ',
    done: true,
    success: true,
    status: 'Succeeded',
    details: { componentSuccesses: [], componentFailures: [] },
  }

  it("deploys the project's directories from within the project", async () => {
    await fake.answers({ to: START, stdout: { status: 0, result: done, warnings: [] } })
    expect(await deploy()).toEqual({ ok: true, id: done.id, warnings: [] })
    const [call] = await fake.calls()
    expect(call?.args).toEqual([
      ...START.split(' '),
      '--json',
      '--target-org',
      'uat',
      '--wait',
      '10',
      '--ignore-warnings',
      '--source-dir',
      'force-app',
    ])
    expect(call?.cwd).toBe(fake.project)
  })

  it('tries only, when that is asked', async () => {
    await fake.answers({ to: START, stdout: { status: 0, result: { ...done, checkOnly: true } } })
    await deploy(true)
    expect((await fake.calls())[0]?.args.at(-1)).toBe('--dry-run')
  })

  it('passes on warnings of components, one or several', async () => {
    const warning = {
      fullName: 'Acme_Sync_glbloauth',
      componentType: 'ExtlClntAppGlobalOauthSettings',
      problem: 'The key is rotated',
      problemType: 'Warning',
    }
    await fake.answers({ to: START, stdout: { status: 0, result: { ...done, details: { componentSuccesses: warning } } } })
    expect(await deploy()).toEqual({ ok: true, id: done.id, warnings: ['Acme_Sync_glbloauth: The key is rotated'] })
  })

  it('names what failed, where, and why', async () => {
    const failure = {
      fullName: 'Acme_Sync_oauthPlcy',
      componentType: 'ExtlClntAppOauthConfigurablePolicies',
      problem: "Invalid value 'infinite' for refreshTokenPolicyType",
      problemType: 'Error',
      lineNumber: 7,
      columnNumber: 5,
    }
    const whole = { fullName: 'package.xml', componentType: '', problem: 'No package.xml found', problemType: 'Error' }
    const result = { ...done, success: false, status: 'Failed', details: { componentFailures: [failure, whole, {}] }, files: [] }
    await fake.answers({ to: START, stdout: { status: 1, result, warnings: [] }, exitCode: 1 })
    expect(await deploy()).toEqual({
      ok: false,
      message: `The deployment ${done.id} ended as Failed`,
      problems: [
        { component: failure.fullName, type: failure.componentType, message: failure.problem, line: 7 },
        { component: 'package.xml', message: 'No package.xml found' },
        { message: 'Salesforce gave no reason.' },
      ],
    })
  })

  it('does not take a deployment that is partly done or still runs for done', async () => {
    await fake.answers({ to: START, stdout: { status: 68, result: { ...done, status: 'SucceededPartial' } }, exitCode: 68 })
    expect(await deploy()).toMatchObject({ ok: false, message: expect.stringContaining('SucceededPartial') })
    await fake.answers({ to: START, stdout: { status: 69, result: { ...done, status: 'InProgress', done: false } }, exitCode: 69 })
    expect(await deploy()).toMatchObject({ ok: false, message: expect.stringContaining(`sf project deploy report --job-id ${done.id}`) })
    await fake.answers({
      to: START,
      stdout: { status: 1, result: { ...done, status: 'Failed', errorMessage: 'UNKNOWN_EXCEPTION: gack' } },
      exitCode: 1,
    })
    expect(await deploy()).toMatchObject({
      ok: false,
      problems: [],
      message: expect.stringContaining('ended as Failed: UNKNOWN_EXCEPTION: gack'),
    })
  })

  it.each([
    [INVALID_SESSION, /has ended: Session expired or invalid\.\n  Do:  Sign in again/],
    [UNKNOWN_ORG, /sf knows no org "uat"/],
    [{ status: 1, name: 'SourceConflictError', message: '1 conflicts detected' }, /overwrites nothing.*\n.*--ignore-conflicts/],
    [
      { status: 1, name: 'INSUFFICIENT_ACCESS', message: 'use of the Metadata API …' },
      /may not do this: use of the Metadata API …\.\n {2}Do: {2}Ask the admin/,
    ],
    [
      { status: 1, name: 'NothingToDeploy', message: 'No local changes to deploy.' },
      /sf says: No local changes to deploy \(NothingToDeploy\)/,
    ],
  ])('explains %j', async (stdout, message) => {
    await fake.answers({ to: START, stdout, exitCode: 1 })
    expect(await deploy()).toEqual({ ok: false, problems: [], message: expect.stringMatching(message) })
  })

  it.each([
    ['none', undefined],
    ['one that is no JSON', '{'],
    ['one without directories', '{"packageDirectories":[]}'],
    ['one whose directory looks like an option', '{"packageDirectories":[{"path":"--metadata-dir=/etc"}]}'],
  ])('needs a project file: not %s', async (_what, content) => {
    const file = join(fake.project, 'sfdx-project.json')
    await (content === undefined ? rm(file) : writeFile(file, content))
    expect(await deploy()).toMatchObject({ ok: false, message: expect.stringContaining('sfdx-project.json') })
    expect(await fake.calls()).toEqual([])
  })
})

describe('runSf', () => {
  it('stops an sf that does not end, and one that prints without end', async () => {
    await fake.answers({ to: 'hang', hangs: true }, { to: 'flood', stdout: 'x'.repeat(17 * 1024 * 1024) })
    expect(await runSf(sf, { args: ['hang'], deadlineMs: 300 })).toEqual({ kind: 'late' })
    expect(await runSf(sf, { args: ['flood'], deadlineMs: 20_000 })).toEqual({ kind: 'too-much' })
  })
})

describe('jsonIn', () => {
  it.each([
    ['{"a":{"b":1}}', { a: { b: 1 } }],
    ['Warning: {x}\n{\n  "a": {\n    "b": 1\n  }\n}\n', { a: { b: 1 } }],
    ['{not}\n{"a":1}\nbye', { a: 1 }],
    ['{\n  "a": {\n    "b": 1\n  },\n  "c": {}', undefined],
    [`${'\n{'.repeat(100)}}`, undefined],
    ['', undefined],
    ['no', undefined],
  ])('%j', (text, value) => expect(jsonIn(text)).toEqual(value))
})

describe('withoutTokens', () => {
  it.each([
    TOKEN,
    TOKEN.replace('!', '%21'),
    '5Aep861jOkLSxeSe32TpOX7NjCx4pZClR_eLPqL3Y1ub6yQbkrO',
    'force://PlatformCLI::5Aep@acme.my.salesforce.com',
  ])('takes out %s', (token) => expect(withoutTokens(`a ${token} b`)).toBe('a [redacted] b'))

  it('leaves what Salesforce says about OAuth', () => {
    const said = "The external client app configured in your global OAuth Settings doesn't have a valid OAuth settings configuration."
    expect(withoutTokens(said)).toBe(said)
  })
})
