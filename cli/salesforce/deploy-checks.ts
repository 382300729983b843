/** Everything that could stop a deployment, looked at before anything is written: each with its name and what to do. */
import { HawserError, type Hawser } from '@hawser/node'
import type { OrgKind } from '@hawser/salesforce/org.ts'
import { CommandFailure } from '../output.ts'
import { hasCode, type HawserServer } from './hawser-server.ts'
import { OrgFailure, type Org } from './org-api.ts'
import { factsOf, permissionsIn, PERMISSIONS, type OrgFacts, type Permission } from './org-facts.ts'

export interface Check {
  name: string
  result: 'ok' | 'failed' | 'unknown'
  text: string
  fix?: string
}

/** `unasked`: what nobody has to say, since a sandbox is what the guide is about. */
export const MEANT_KINDS = ['sandbox', 'scratch', 'developer', 'production', 'trailhead', 'trial'] as const
export type MeantKind = (typeof MEANT_KINDS)[number]

export type Integration = Awaited<ReturnType<Hawser['getIntegration']>>

export interface DeployGoal {
  org: Org
  /** undefined: a sandbox or a scratch org. */
  meantKind: MeantKind | undefined
  distribution: 'Local' | 'Packaged'
  callbackUrls: readonly string[]
  /** undefined: the app alone is deployed. */
  hawser: { server: HawserServer; integration: string | undefined; provider: string | undefined } | undefined
}

export interface Findings {
  checks: Check[]
  facts: OrgFacts | undefined
  /** Where the credentials will go. */
  integration: { key: string; provider: string; existing: Integration | undefined } | undefined
}

const PERMISSION_CHECKS: readonly { names: Permission[]; label: string; fix: string }[] = [
  {
    names: ['externalClientAppDeveloper'],
    label: 'Create, Edit, and Delete External Client Apps',
    fix: 'Setup → Permission Sets → a set of yours → System Permissions: tick "Create, Edit, and Delete External Client Apps", and assign the set to your user.',
  },
  {
    names: ['modifyMetadata', 'modifyAllData'],
    label: 'Modify Metadata Through Metadata API Functions',
    fix: 'Setup → Permission Sets → a set of yours → System Permissions: tick "Modify Metadata Through Metadata API Functions".',
  },
  {
    names: ['customizeApplication'],
    label: 'Customize Application',
    fix: 'Setup → Permission Sets → a set of yours → System Permissions: tick "Customize Application".',
  },
]

/** The first API version that knows all files of an app (V). */
const OLDEST_API = 60

export async function findingsFor(goal: DeployGoal): Promise<Findings> {
  const reached = await reachedOrg(goal.org)
  const checks: Check[] = [reached.check]
  if (reached.facts) {
    checks.push(kindCheck(reached.facts.kind, goal), ...(await permissionChecks(goal.org)), await versionCheck(goal.org))
  }
  const served = goal.hawser ? await serverChecks(goal, reached.facts?.kind) : undefined
  return { checks: [...checks, ...(served?.checks ?? [])], facts: reached.facts, integration: served?.integration }
}

/** Throws one failure with every check that is not met. */
export function refuseUnlessMet(checks: readonly Check[]): void {
  const failed = checks.filter((check) => check.result === 'failed')
  if (failed.length === 0) return
  const lines = failed.flatMap(({ name, text, fix }) => [`  FAIL  ${name}: ${text}`, ...(fix ? [`        Do: ${fix}`] : [])])
  throw new CommandFailure(
    [`Nothing was changed: ${failed.length === 1 ? 'one check' : `${failed.length} checks`} failed.`, ...lines].join('\n'),
    {
      checks,
    },
  )
}

async function reachedOrg(org: Org): Promise<{ check: Check; facts?: OrgFacts }> {
  const name = 'API access'
  try {
    const facts = await factsOf(org)
    return { check: { name, result: 'ok', text: `${org.name} answers: "${facts.label}", ${KIND_NAMES[facts.kind]}` }, facts }
  } catch (error) {
    if (!(error instanceof OrgFailure)) throw error
    return { check: { name, result: 'failed', text: error.message } }
  }
}

const KIND_NAMES: Record<OrgKind, string> = {
  production: 'a production org',
  sandbox: 'a sandbox',
  developer: 'a Developer Edition org',
  scratch: 'a scratch org',
  trailhead: 'a Trailhead playground',
  trial: 'a trial org',
  demo: 'a demo org',
  patch: 'a patch org',
  unknown: 'an org of unknown kind',
}

function kindCheck(kind: OrgKind, { meantKind, distribution }: DeployGoal): Check {
  const name = 'Kind of org'
  const isSandbox = kind === 'sandbox' || kind === 'scratch'
  const fits = meantKind === undefined ? isSandbox : kind === meantKind
  if (!fits) {
    const meant = meantKind === undefined ? 'a sandbox' : KIND_NAMES[meantKind]
    const fix = (MEANT_KINDS as readonly string[]).includes(kind)
      ? `Give the alias of ${meant}, or, if this org is meant, --org-kind ${kind}.`
      : `Give the alias of ${meant}.`
    return { name, result: 'failed', text: `this is ${KIND_NAMES[kind]}, not ${meant}`, fix }
  }
  if (isSandbox && distribution === 'Packaged')
    return {
      name,
      result: 'failed',
      text: 'a packaged app cannot be made in a sandbox or scratch org',
      fix: 'Make the app Local, or deploy it to the production, Developer Edition or Dev Hub org that builds the package.',
    }
  return { name, result: 'ok', text: KIND_NAMES[kind] }
}

async function permissionChecks(org: Org): Promise<Check[]> {
  try {
    const have = await permissionsIn(org)
    return PERMISSION_CHECKS.map(({ names, label, fix }) => {
      const name = `Permission "${label}"`
      if (names.some((one) => have[one] === true)) return { name, result: 'ok', text: 'your user has it' }
      if (names.every((one) => have[one] === undefined)) return { name, result: 'unknown', text: 'this org does not tell' }
      return { name, result: 'failed', text: `your user does not have it (${names.map((one) => PERMISSIONS[one]).join(', ')})`, fix }
    })
  } catch (error) {
    if (!(error instanceof OrgFailure)) throw error
    return [{ name: 'Permissions', result: 'failed', text: error.message }]
  }
}

async function versionCheck(org: Org): Promise<Check> {
  const newest = await org.newestVersion()
  const ok = Number(newest) >= OLDEST_API
  return {
    name: 'API version',
    result: ok ? 'ok' : 'failed',
    text: ok ? newest : `the org's newest is ${newest}; External Client Apps need ${OLDEST_API}.0`,
  }
}

async function serverChecks(
  { hawser, callbackUrls }: DeployGoal,
  kind: OrgKind | undefined,
): Promise<Pick<Findings, 'checks' | 'integration'>> {
  const { server, provider: wanted, integration: key } = hawser!
  const provider = wanted ?? (kind === undefined || kind === 'sandbox' || kind === 'scratch' ? 'salesforce-sandbox' : 'salesforce')
  const integration = key ?? provider
  try {
    const [environment, existing] = await Promise.all([server.client.getEnvironment(), existingIntegration(server.client, integration)])
    const hasCallback = callbackUrls.includes(environment.callback_url)
    const fits = existing === undefined || existing.provider === provider
    return {
      integration: { key: integration, provider, existing },
      checks: [
        { name: 'Hawser server', result: 'ok', text: `${server.url} answers` },
        hasCallback
          ? { name: 'Callback URL', result: 'ok', text: environment.callback_url }
          : {
              name: 'Callback URL',
              result: 'failed',
              text: `the app has ${callbackUrls.join(', ')}, the server signs in with ${environment.callback_url}`,
              fix: `Make the app's files again with --callback-url ${environment.callback_url}`,
            },
        fits
          ? {
              name: 'Integration',
              result: 'ok',
              text: existing ? `${integration} gets the app's credentials` : `${integration} will be made, provider ${provider}`,
            }
          : {
              name: 'Integration',
              result: 'failed',
              text: `${integration} is of the provider ${existing.provider}, this org needs ${provider}`,
              fix: 'Name another one with --integration <key>.',
            },
      ],
    }
  } catch (error) {
    if (!(error instanceof HawserError)) throw error
    const fix =
      error.code === 'network_error'
        ? 'Start it with npm start, say where it is with --server, or deploy the app alone with --no-integration.'
        : undefined
    return { integration: undefined, checks: [{ name: 'Hawser server', result: 'failed', text: error.message, ...(fix ? { fix } : {}) }] }
  }
}

async function existingIntegration(client: Hawser, key: string): Promise<Integration | undefined> {
  try {
    return await client.getIntegration(key, { include: 'credentials' })
  } catch (error) {
    if (hasCode(error, 'not_found', 'unknown_provider_config')) return undefined
    throw error
  }
}
