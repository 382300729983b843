/** The user's own Salesforce CLI (`sf`): which org an alias stands for, and deployments of a project folder. It is run, never changed. */
import { access, constants, readFile, stat } from 'node:fs/promises'
import { delimiter, isAbsolute, join } from 'node:path'
import { classifyHost } from '@hawser/salesforce/hosts.ts'
import { secret, type Secret } from '#lib/secret.ts'
import { endedSession, isRecord, PATH_VARIABLE, resultOf, unfitAlias, unfitVersion, UPDATE, type SfProblem } from './sf-problems.ts'
import { environmentForSf, runSf, withoutTokens, type SfCli, type SfRun } from './sf-process.ts'

export type { SfCli } from './sf-process.ts'

export interface SfOrg {
  alias: string
  username: string
  /** 18 characters. */
  orgId: string
  /** Without a trailing slash. */
  instanceUrl: string
  accessToken: Secret
  /** Such as `67.0`; undefined if sf does not know it. */
  apiVersion: string | undefined
  /** What the host says; absent for hosts that say nothing. */
  isSandbox?: boolean
  isScratch?: boolean
}

export type OrgFound = { ok: true; org: SfOrg } | ({ ok: false } & SfProblem)

export interface DeployProblem {
  component?: string
  type?: string
  message: string
  line?: number
}

/** `message` says how it ended, and what to do where that is known; a deployment that failed as a whole has no `problems`. */
export type DeployResult = { ok: true; id: string; warnings: string[] } | { ok: false; problems: DeployProblem[]; message: string }

export interface Deployment {
  /** The project's folder, with its sfdx-project.json. */
  folder: string
  alias: string
  /** Validates in the org and changes nothing. */
  dryRun: boolean
}

const MINUTE_MS = 60_000
const SHORT_MS = MINUTE_MS
const DEPLOY_MINUTES = 10

/** The `sf` of HAWSER_SF_PATH, else of PATH; undefined if there is none. */
export async function findSf(env: NodeJS.ProcessEnv): Promise<SfCli | undefined> {
  const path = await executable(env)
  if (path === undefined) return undefined
  const found: SfCli = { path, version: undefined, env: environmentForSf(env) }
  const answer = await runSf(found, { args: ['version', '--json'], deadlineMs: SHORT_MS })
  const said = answer.kind === 'json' ? answer.body['cliVersion'] : answer.kind === 'no-json' ? answer.text : undefined
  return { ...found, version: typeof said === 'string' ? /(?:@salesforce\/cli|sfdx-cli)\/(\d+\.\d+\.\d+)/.exec(said)?.[1] : undefined }
}

async function executable(env: NodeJS.ProcessEnv): Promise<string | undefined> {
  const named = env[PATH_VARIABLE]
  // Relative entries of PATH would run whatever lies in the folder one stands in.
  const folders = (env['PATH'] ?? '').split(delimiter).filter(isAbsolute)
  for (const path of named ? [named] : folders.map((folder) => join(folder, 'sf'))) {
    if (await isExecutable(path)) return path
  }
  return undefined
}

async function isExecutable(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK)
    return (await stat(path)).isFile()
  } catch {
    return false
  }
}

/** The org behind an alias or a username, with a session that Salesforce still accepts. Never rejects. */
export async function orgOf(sf: SfCli, alias: string): Promise<OrgFound> {
  const unfit = unfitAlias(alias) ?? unfitVersion(sf)
  if (unfit) return { ok: false, ...unfit }
  // Not --verbose: all that it adds is the auth URL, which holds the refresh token (V: plugin-org 6.0).
  const shown = resultOf(alias, await runSf(sf, { args: ['org', 'display', '--json', '--target-org', alias], deadlineMs: SHORT_MS }))
  if (!shown.ok) return shown
  const { id, username, instanceUrl, connectedStatus, apiVersion, devHubId, ...rest } = shown.result
  if (typeof id !== 'string' || typeof username !== 'string' || typeof instanceUrl !== 'string' || !URL.canParse(instanceUrl))
    return { ok: false, problem: `sf says nothing of use about the org "${alias}".`, fix: UPDATE }
  const ended = endedSession(alias, connectedStatus)
  if (ended) return { ok: false, ...ended }
  const token = isToken(rest['accessToken']) ? { ok: true as const, token: rest['accessToken'] } : await shownToken(sf, alias)
  if (!token.ok) return token
  const { kind } = classifyHost(new URL(instanceUrl).hostname)
  const isScratch = typeof devHubId === 'string' || kind === 'scratch'
  return {
    ok: true,
    org: {
      alias: typeof rest['alias'] === 'string' ? rest['alias'] : alias,
      username,
      orgId: id,
      instanceUrl: instanceUrl.replace(/\/+$/, ''),
      accessToken: secret(token.token),
      apiVersion: typeof apiVersion === 'string' ? apiVersion : undefined,
      ...(kind === 'foreign' ? {} : { isSandbox: kind === 'sandbox' || kind === 'legacy-sandbox' }),
      ...(kind === 'foreign' && !isScratch ? {} : { isScratch }),
    },
  }
}

/** Since plugin-org 6 `org display` says "[REDACTED] Use 'sf org auth show-access-token' to view" instead of the token (V). */
async function shownToken(sf: SfCli, alias: string): Promise<{ ok: true; token: string } | ({ ok: false } & SfProblem)> {
  const args = ['org', 'auth', 'show-access-token', '--json', '--target-org', alias]
  const shown = resultOf(alias, await runSf(sf, { args, deadlineMs: SHORT_MS }))
  if (!shown.ok) return shown
  const token = shown.result['accessToken']
  return isToken(token) ? { ok: true, token } : { ok: false, problem: `sf does not show the access token of "${alias}".`, fix: UPDATE }
}

function isToken(value: unknown): value is string {
  return typeof value === 'string' && /^[\w.!/+=-]{15,4096}$/.test(value)
}

/**
 * Deploys the package directories of a project, and waits for the end. Warnings are handed back and stop nothing. Conflicts with changes made in the org are reported, not overwritten.
 * sf leaves its notes on source tracking in `<folder>/.sf`. Never rejects.
 */
export async function deployProject(sf: SfCli, { folder, alias, dryRun }: Deployment): Promise<DeployResult> {
  const unfit = unfitAlias(alias) ?? unfitVersion(sf)
  if (unfit) return failedAsAWhole(unfit)
  const directories = await packageDirectories(folder)
  if (!Array.isArray(directories)) return failedAsAWhole(directories)
  const run: SfRun = {
    args: [
      ...['project', 'deploy', 'start', '--json', '--target-org', alias, '--wait', String(DEPLOY_MINUTES), '--ignore-warnings'],
      ...directories.flatMap((directory) => ['--source-dir', directory]),
      ...(dryRun ? ['--dry-run'] : []),
    ],
    // sf looks for the project in the folder it runs in, whatever the paths say.
    cwd: folder,
    deadlineMs: (DEPLOY_MINUTES + 2) * MINUTE_MS,
  }
  const answer = await runSf(sf, run)
  // A failed deployment is an answer with a result and a status that is not 0.
  if (answer.kind === 'json' && isRecord(answer.body['result'])) return deployResult(answer.body['result'])
  const failed = resultOf(alias, answer)
  return failedAsAWhole(failed.ok ? { problem: 'sf gave no result of the deployment.', fix: UPDATE } : failed)
}

function failedAsAWhole({ problem, fix }: SfProblem): DeployResult {
  return { ok: false, problems: [], message: `${problem}\n  Do:  ${fix}` }
}

async function packageDirectories(folder: string): Promise<string[] | SfProblem> {
  const file = join(folder, 'sfdx-project.json')
  const again = { fix: 'Give the folder of a Salesforce DX project.' }
  try {
    const project = JSON.parse(await readFile(file, 'utf8')) as { packageDirectories?: { path?: unknown }[] }
    const paths = (project.packageDirectories ?? []).map((one) => one.path).filter((path) => typeof path === 'string')
    // They are arguments of a program.
    const fit = paths.filter((path) => path !== '' && !path.startsWith('-'))
    return fit.length > 0 && fit.length === paths.length ? fit : { problem: `${file} names no package directories.`, ...again }
  } catch {
    return { problem: `There is no readable ${file}.`, ...again }
  }
}

interface ComponentMessage {
  fullName?: unknown
  componentType?: unknown
  problem?: unknown
  problemType?: unknown
  lineNumber?: unknown
}

function deployResult(result: Record<string, unknown>): DeployResult {
  const details = isRecord(result['details']) ? result['details'] : {}
  const id = typeof result['id'] === 'string' ? result['id'] : ''
  const status = String(result['status'] ?? 'unknown')
  const failures = listOf(details['componentFailures'])
  if (status === 'Succeeded') {
    const warnings = [...listOf(details['componentSuccesses']), ...failures].filter((one) => typeof one.problem === 'string')
    return { ok: true, id, warnings: warnings.map((one) => withoutTokens(`${String(one.fullName ?? '')}: ${String(one.problem)}`)) }
  }
  const whole = typeof result['errorMessage'] === 'string' ? `: ${withoutTokens(result['errorMessage'])}` : ''
  const still = ['Pending', 'InProgress', 'Canceling', 'Finalizing'].includes(status)
  return {
    ok: false,
    problems: failures.map(problemOf),
    message: still
      ? `The deployment ${id} still runs after ${DEPLOY_MINUTES} minutes.\n  Do:  See how it ends: sf project deploy report --job-id ${id}`
      : `The deployment ${id} ended as ${status}${whole}`,
  }
}

function problemOf({ fullName, componentType, problem, lineNumber }: ComponentMessage): DeployProblem {
  const line = Number(lineNumber)
  return {
    ...(typeof fullName === 'string' && fullName !== '' ? { component: fullName } : {}),
    ...(typeof componentType === 'string' && componentType !== '' ? { type: componentType } : {}),
    message: typeof problem === 'string' && problem !== '' ? withoutTokens(problem) : 'Salesforce gave no reason.',
    ...(Number.isInteger(line) && line > 0 ? { line } : {}),
  }
}

/** SOAP answers, made JSON by sf, have an object where there is only one. */
function listOf(value: unknown): ComponentMessage[] {
  return (Array.isArray(value) ? value : [value]).filter(isRecord)
}
