import { Option, type Command } from 'commander'
import type { AppOptions } from '@hawser/salesforce/eca/app-options.ts'
import { CommandFailure, print } from '../../output.ts'
import { readApp } from '../../salesforce/app-in-folder.ts'
import { DEFAULT_FOLDER, folderExists, readAppFolder, writeAppFolder } from '../../salesforce/app-folder.ts'
import { deployApp, tryDeployment, type AppDeployment } from '../../salesforce/deploy-app.ts'
import { findingsFor, refuseUnlessMet, type Check, type Findings } from '../../salesforce/deploy-checks.ts'
import { deployFailure } from '../../salesforce/org-deploy.ts'
import { hawserServer, type HawserServer } from '../../salesforce/hawser-server.ts'
import { orgAccess, type OrgOptions } from '../../salesforce/org-access.ts'
import { appInOrg } from '../../salesforce/org-app.ts'
import { openOrg, type Org } from '../../salesforce/org-api.ts'
import { credentialsOf, type Credentials } from '../../salesforce/org-credentials.ts'
import { pastedCredentials } from '../../salesforce/paste-credentials.ts'
import {
  awaitPropagation,
  clientIdOf,
  minutes,
  probeSentences,
  registerApp,
  type Propagation,
  type Registered,
  type Target,
} from '../../salesforce/register-app.ts'
import type { World } from '../../salesforce/world.ts'
import { globalsOf, type GlobalOptions } from '../../target.ts'
import { addAppFlags, givenOptions } from './app-flags.ts'
import { meantKind, plannedApp, type CreateFlags, type PlannedApp } from './app-create.ts'
import { addOrgFlags } from './org-flags.ts'

interface DeployFlags extends CreateFlags, OrgOptions {
  dryRun?: boolean
  /** False with `--without-sf`. */
  withoutSf?: boolean
  integration?: string | false
  provider?: string
  wait: string
}

export function addDeploy(app: Command, world: World): void {
  const command = app
    .command('deploy [folder]')
    .description('deploys the app to an org, brings its key and secret into an integration, and waits until Salesforce knows it')
    .option('--org-kind <kind>', 'needed for anything but a sandbox or scratch org: production, developer, trailhead or trial')
    .option('--dry-run', 'look at everything, let the org check the files, change nothing')
    .option('--without-sf', 'deploy by the Metadata API itself, not by the Salesforce CLI')
    .option('--integration <key>', 'gets the credentials (default: salesforce-sandbox, or salesforce for other orgs)')
    .option('--no-integration', 'deploy the app alone')
    .option('--wait <minutes>', 'how long to wait until Salesforce knows a new app', '10')
    .option('--force', 'with --name: write over the files of an app that is in the folder already')
    .addOption(new Option('--provider <name>', 'the provider of the integration').hideHelp())
  addOrgFlags(command)
  addAppFlags(command).action(async (folder: string = DEFAULT_FOLDER, flags: DeployFlags, self: Command) => {
    await deploy(world, globalsOf(self), folder, flags)
  })
}

async function deploy(world: World, globals: GlobalOptions, folder: string, flags: DeployFlags): Promise<void> {
  const waitMs = minutes(flags.wait, '--wait')
  const kind = meantKind(flags.orgKind)
  const org = openOrg(world, await orgAccess(world, flags))
  const planned = await plannedIfNew(world, globals, folder, flags)
  const options = planned?.options ?? (await readApp(world, folder, flags.apiName))
  if (flags.name !== undefined && flags.name.trim() !== options.label)
    throw new CommandFailure(
      `The app in ${folder} is called "${options.label}". Leave --name out, name another folder, or write the files anew with --force.`,
    )
  const server = flags.integration === false ? undefined : hawserServer(globals)
  const findings = await findingsFor({
    org,
    meantKind: kind,
    distribution: options.distribution,
    callbackUrls: options.callbackUrls,
    hawser: server && { server, integration: flags.integration === false ? undefined : flags.integration, provider: flags.provider },
  })
  for (const check of findings.checks) if (check.result !== 'failed') world.say(checkLine(check))
  refuseUnlessMet(findings.checks)
  // What is not written yet, the CLI cannot look at.
  const bySf = org.alias !== undefined && flags.withoutSf !== true && !(flags.dryRun === true && planned !== undefined)
  if (planned && !flags.dryRun) await writeAppFolder(folder, planned.files, { force: flags.force === true })
  const deployment: AppDeployment = { org, folder, options, bySf }
  if (flags.dryRun) return dryRun(world, globals, deployment, findings.checks)
  const isNew = (await appInOrg(org, options.apiName)) === undefined
  const deployed = await deployApp(world, deployment)
  const registered =
    server && findings.integration
      ? await register(world, { server, org, options, target: findings.integration, isNew, waitMs })
      : undefined
  report(globals, { org, findings, options, deployed, registered })
}

/** The app that the options describe, when the folder is not there, or is to be made again. */
async function plannedIfNew(world: World, globals: GlobalOptions, folder: string, flags: DeployFlags): Promise<PlannedApp | undefined> {
  const exists = (await folderExists(folder)) && ((await readAppFolder(folder)).length > 0 || flags.name === undefined)
  if (exists && !(flags.force && flags.name !== undefined)) {
    if (Object.keys(givenOptions(flags)).some((field) => field !== 'apiName'))
      world.say(
        `${folder} is there already: its files are deployed, and what was said of the app besides is not looked at. --force with --name writes them anew.`,
      )
    return undefined
  }
  if (flags.name === undefined && !world.ask.interactive)
    throw new CommandFailure(
      `There is no folder ${folder}. Give --name and --contact-email to make the app's files now, or name the folder that has them.`,
    )
  return plannedApp(world, globals, flags)
}

function checkLine({ name, result, text }: Check): string {
  return `  ${result === 'ok' ? 'ok  ' : '?   '}  ${name}: ${text}`
}

async function dryRun(world: World, globals: GlobalOptions, deployment: AppDeployment, checks: Check[]): Promise<void> {
  const tried = await tryDeployment(world, deployment)
  if (!tried.ok) throw deployFailure(tried)
  print(globals.json, { dry_run: true, checks, warnings: tried.warnings }, [
    `${deployment.org.name} would take "${deployment.options.label}". Nothing was changed.`,
    ...tried.warnings.map((warning) => `Note: ${warning}`),
  ])
}

interface Registering {
  server: HawserServer
  org: Org
  options: AppOptions
  target: Target
  isNew: boolean
  waitMs: number
}

interface RegisteredApp {
  credentials: 'api' | 'pasted' | 'kept'
  integration: Registered | 'kept'
  target: Target
  propagation: Propagation
}

async function register(world: World, { server, org, options, target, isNew, waitMs }: Registering): Promise<RegisteredApp> {
  const app = await appInOrg(org, options.apiName)
  const read = await credentialsOf(org, app ?? { id: options.apiName, apiName: options.apiName })
  const api = 'refused' in read ? undefined : read
  if ('refused' in read) {
    world.say(`The org does not hand out the app's key and secret to programs. ${read.refused.row?.title ?? ''}`.trimEnd())
    for (const step of read.refused.row?.fix ?? []) world.say(`  Next time: ${step}`)
  }
  const known = clientIdOf(target)
  const credentials: Credentials | undefined =
    api ??
    (await pastedCredentials(world, org.host, options.label, isNew ? undefined : known).catch((error: unknown) => {
      if (!(error instanceof CommandFailure)) throw error
      throw new CommandFailure(`${error.message}\n  The app is deployed. Run the same command again to bring in its key and secret.`)
    }))
  const integration = credentials ? await registerApp(server, target, credentials, options.scopes) : 'kept'
  const host = org.host.endsWith('.salesforce.com') ? org.host : undefined
  const propagation = await awaitPropagation(world, server, target.key, host, waitMs)
  return { credentials: api ? 'api' : credentials ? 'pasted' : 'kept', integration, target, propagation }
}

interface Outcome {
  org: Org
  findings: Findings
  options: AppOptions
  deployed: Awaited<ReturnType<typeof deployApp>>
  registered: RegisteredApp | undefined
}

const SENTENCES: Record<Registered | 'kept', (key: string) => string> = {
  created: (key) => `Made the integration ${key}, with the app's key and secret.`,
  updated: (key) => `The integration ${key} has the app's key and secret.`,
  'second set': (key) =>
    `The integration ${key} has the new key and secret; connections that exist go on with the former ones: npm run hawser -- salesforce app migrate --progress --integration ${key}`,
  kept: (key) => `The integration ${key} keeps its key and secret.`,
}

function report(globals: GlobalOptions, { org, findings, options, deployed, registered }: Outcome): void {
  const value = {
    org: { host: org.host, kind: findings.facts?.kind },
    app: { api_name: options.apiName, label: options.label },
    deployment: {
      id: deployed.id,
      by: deployed.by,
      without_code_and_credentials: deployed.withoutCodeAndCredentials,
      warnings: deployed.warnings,
    },
    ...(registered && {
      integration: {
        unique_key: registered.target.key,
        provider: registered.target.provider,
        credentials: registered.credentials,
        change: registered.integration,
      },
      probe: registered.propagation.probe ?? null,
    }),
  }
  const next = registered
    ? [
        SENTENCES[registered.integration](registered.target.key),
        ...probeSentences(registered.propagation, registered.target.key),
        '',
        `Next: npm run hawser -- connect ${registered.target.key}`,
      ]
    : ['No integration was touched.']
  print(globals.json, value, [
    `Deployed "${options.label}" (${options.apiName}) to ${org.name}.`,
    ...(deployed.withoutCodeAndCredentials
      ? [
          'The org refuses the Authorization Code and Credentials Flow, so it was left out; connections do not need it. The files still name it.',
        ]
      : []),
    ...deployed.warnings.map((warning) => `Note: ${warning}`),
    ...next,
  ])
}
