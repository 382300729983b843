/** The Salesforce commands in process: a Hawser server, the fake orgs behind real-looking host names, and a stand-in for the Salesforce CLI. */
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Command } from 'commander'
import { Agent, buildConnector, fetch as undiciFetch } from 'undici'
import { secret } from '#lib/secret.ts'
import { startTestServer, type TestServer, type TestServerOptions } from '@hawser/testkit/test-server.ts'
import { reportFailure } from '../../output.ts'
import type { Deployment, DeployResult, OrgFound } from '../../salesforce/sf-cli.ts'
import { readApp } from '../../salesforce/app-in-folder.ts'
import { zipFor } from '../../salesforce/deploy-app.ts'
import { orgAccess } from '../../salesforce/org-access.ts'
import { openOrg } from '../../salesforce/org-api.ts'
import { deployZipTo } from '../../salesforce/org-deploy.ts'
import type { World } from '../../salesforce/world.ts'
import { addSalesforce } from './salesforce.ts'

export interface Ran {
  /** Standard output: sentences, or with `--json` one value. */
  out: string
  /** Standard error: progress, and how it failed. */
  err: string
  failed: boolean
  json(): Record<string, unknown>
}

export interface Rig {
  server: TestServer
  world: World
  /** A folder of this rig; gone at `close`. */
  folder: string
  /** What `sf` knows: alias → org of the fake and user. Empty: `sf` is not installed. */
  aliases: Map<string, { org: string; username: string }>
  /** What the stand-in for `sf project deploy start` was asked to deploy. */
  deployments: Deployment[]
  /** What it answers. */
  deployAnswer: (deployment: Deployment) => Promise<DeployResult> | DeployResult
  /** Answers to questions, in their order. */
  answers: string[]
  questions: string[]
  run(...words: string[]): Promise<Ran>
  /** A session of the user in the org, as the Salesforce CLI holds one. */
  session(org: string, username: string): string
  /** Everything in the rig's folder, as text. */
  written(): Promise<string>
  close(): Promise<void>
}

const UAT = { org: 'acme-uat', username: 'ann@acme.example.uat' }

export async function startRig(options: TestServerOptions = {}): Promise<Rig> {
  const server = await startTestServer(options)
  const folder = await mkdtemp(join(tmpdir(), 'hawser-app-'))
  const toFake = new Agent({
    connect: (asked, callback) =>
      buildConnector({ rejectUnauthorized: false })(
        { ...asked, hostname: '127.0.0.1', port: String(server.fake.port), servername: asked.hostname },
        callback,
      ),
  })
  const rig: Rig = {
    server,
    folder,
    aliases: new Map([
      ['uat', UAT],
      ['prod', { org: 'acme', username: 'ann@acme.example' }],
      ['dev', { org: 'dev', username: 'dora@dev.example' }],
    ]),
    deployments: [],
    deployAnswer: (deployment) => deployLikeSf(rig, deployment),
    answers: [],
    questions: [],
    session: (org, username) => sessionIn(server, org, username),
    world: {
      env: {},
      fetch: ((input: string, init: object) => undiciFetch(input, { ...init, dispatcher: toFake })) as unknown as typeof globalThis.fetch,
      sf: {
        findSf: async () => (rig.aliases.size === 0 ? undefined : { path: '/nowhere/sf', version: '2.150.0', env: {} }),
        orgOf: async (_sf, alias) => foundOrg(rig, alias),
        async deployProject(_sf, deployment) {
          rig.deployments.push(deployment)
          return rig.deployAnswer(deployment)
        },
      },
      ask: { interactive: false, line: (question) => answer(rig, question), hidden: (question) => answer(rig, question) },
      now: server.clock.now,
      sleep: async (ms) => server.clock.advance(ms),
      say: (line) => void said.push(line),
    },
    run: (...words) => run(rig, said, words),
    written: async () => (await filesBelow(folder)).join('\n'),
    async close() {
      await toFake.close()
      await server.close()
      await rm(folder, { recursive: true })
    },
  }
  const said: string[] = []
  return rig
}

function sessionIn({ fake }: TestServer, orgKey: string, username: string): string {
  const org = fake.state.orgs.get(orgKey)!
  const now = fake.state.clock.now()
  const value = `${org.orgId.slice(0, 15)}!AQEAQ${Buffer.from(username).toString('hex').slice(0, 60)}`
  const app = fake.state.apps.get('PlatformCLI')!
  const length = 1000 * 86_400_000
  const times = { issuedAt: now, lastUsedAt: now, expiresAt: now + length, slidesByMs: length }
  fake.state.accessTokens.set(value, {
    value,
    grantId: 'of the CLI',
    app,
    consumerKey: 'PlatformCLI',
    username,
    orgKey,
    scope: ['api'],
    ...times,
  })
  return value
}

function foundOrg(rig: Rig, alias: string): OrgFound {
  const known = rig.aliases.get(alias)
  if (!known) return { ok: false, problem: `sf knows no org "${alias}".`, fix: `Log in: sf org login web --alias ${alias}` }
  const org = rig.server.fake.state.orgs.get(known.org)!
  const instanceUrl = `https://${org.myDomainHost}`
  const accessToken = secret(rig.session(known.org, known.username))
  return { ok: true, org: { alias, username: known.username, orgId: org.orgId, instanceUrl, accessToken, apiVersion: '67.0' } }
}

/** What `sf project deploy start` does with the folder. */
async function deployLikeSf(rig: Rig, { folder, alias, dryRun }: Deployment): Promise<DeployResult> {
  const org = openOrg(rig.world, await orgAccess(rig.world, { targetOrg: alias }))
  return deployZipTo(rig.world, org, await zipFor(org, await readApp(rig.world, folder)), { checkOnly: dryRun })
}

async function answer(rig: Rig, question: string): Promise<string> {
  rig.questions.push(question)
  const next = rig.answers.shift()
  if (next === undefined) throw new Error(`nobody answers: ${question}`)
  return next
}

async function run(rig: Rig, said: string[], words: string[]): Promise<Ran> {
  said.length = 0
  const printed: string[] = []
  const [log, error] = [console.log, console.error]
  console.log = (line: unknown) => void printed.push(String(line))
  console.error = (line: unknown) => void said.push(String(line))
  const program = new Command('hawser')
    .option('--json')
    .option('--data-dir <folder>')
    .option('--server <url>')
    .option('--key <api key>')
    .exitOverride()
  addSalesforce(program, rig.world)
  let failed = false
  try {
    await program.parseAsync(['--server', rig.server.url, '--key', rig.server.apiKey, ...words], { from: 'user' })
  } catch (failure) {
    failed = true
    reportFailure(failure, words.includes('--json'))
  } finally {
    console.log = log
    console.error = error
  }
  failed ||= process.exitCode === 1
  process.exitCode = undefined
  const out = printed.join('\n')
  return { out, err: said.join('\n'), failed, json: () => JSON.parse(out) as Record<string, unknown> }
}

async function filesBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true, recursive: true })
  return Promise.all(
    entries
      .filter((entry) => entry.isFile())
      .map(async (entry) => `${entry.parentPath}/${entry.name}\n${await readFile(join(entry.parentPath, entry.name), 'utf8')}`),
  )
}
