/** Deploys an app by the user's Salesforce CLI or by the Metadata API, and without the headless flow where the org refuses it. */
import type { AppOptions } from '@hawser/salesforce/eca/app-options.ts'
import { deployZip, type DeployZipSettings } from '@hawser/salesforce/eca/deploy-zip.ts'
import { DEFAULT_API_VERSION } from '@hawser/salesforce/eca/metadata-types.ts'
import { CommandFailure } from '../output.ts'
import { refusesCodeAndCredentials } from './deploy-problems.ts'
import { deployFailure, deployZipTo } from './org-deploy.ts'
import type { Org } from './org-api.ts'
import type { DeployResult } from './sf-cli.ts'
import type { World } from './world.ts'

export interface AppDeployment {
  org: Org
  folder: string
  options: AppOptions
  /** Needs an org with an alias. */
  bySf: boolean
}

export interface DeployedApp {
  id: string
  by: 'sf' | 'rest'
  warnings: string[]
  withoutCodeAndCredentials: boolean
}

/** Throws a failure with every problem, and what the doctor knows of each. */
export async function deployApp(world: World, deployment: AppDeployment): Promise<DeployedApp> {
  const { org, options, bySf } = deployment
  world.say(`Deploying "${options.label}" to ${org.name} …`)
  const first = await send(world, deployment, { dryRun: false })
  if (first.ok) return { id: first.id, by: bySf ? 'sf' : 'rest', warnings: first.warnings, withoutCodeAndCredentials: false }
  if (options.flows.codeAndCredentials !== true || !refusesCodeAndCredentials(first.problems)) throw deployFailure(first)
  world.say('The org refuses the Authorization Code and Credentials Flow. Deploying without it …')
  const second = await deployZipTo(world, org, await zipFor(org, options, { withoutCodeAndCredentials: true }), { checkOnly: false })
  if (!second.ok) throw deployFailure(second)
  return { id: second.id, by: 'rest', warnings: second.warnings, withoutCodeAndCredentials: true }
}

/** Lets the org check the files; changes nothing. */
export async function tryDeployment(world: World, deployment: AppDeployment): Promise<DeployResult> {
  const { org, options } = deployment
  const first = await send(world, deployment, { dryRun: true })
  if (first.ok || options.flows.codeAndCredentials !== true || !refusesCodeAndCredentials(first.problems)) return first
  const second = await deployZipTo(world, org, await zipFor(org, options, { withoutCodeAndCredentials: true }), { checkOnly: true })
  const note = 'the org refuses the Authorization Code and Credentials Flow; it would be left out'
  return second.ok ? { ...second, warnings: [note, ...second.warnings] } : second
}

async function send(world: World, { org, folder, options, bySf }: AppDeployment, { dryRun }: { dryRun: boolean }): Promise<DeployResult> {
  if (!bySf) return deployZipTo(world, org, await zipFor(org, options), { checkOnly: dryRun })
  const sf = await world.sf.findSf(world.env)
  if (sf === undefined || org.alias === undefined)
    throw new CommandFailure('The Salesforce CLI (sf) is gone. Go on without it: --without-sf.')
  return world.sf.deployProject(sf, { folder, alias: org.alias, dryRun })
}

/** An org that is older than our files gets its own version. */
export async function zipFor(org: Org, options: AppOptions, settings: DeployZipSettings = {}): Promise<Uint8Array> {
  const newest = await org.newestVersion()
  const apiVersion = Number(newest) < Number(DEFAULT_API_VERSION) ? newest : DEFAULT_API_VERSION
  return deployZip(options, { folder: '', apiVersion, ...settings })
}
