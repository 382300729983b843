import type { Command } from 'commander'
import { mandateReport, type DeployedSettings, type MandateRow, type Observations } from '@hawser/salesforce/eca/mandate-report.ts'
import { print } from '../../output.ts'
import { readApp } from '../../salesforce/app-in-folder.ts'
import { DEFAULT_FOLDER, folderExists } from '../../salesforce/app-folder.ts'
import { appOfIntegration } from '../../salesforce/app-of-integration.ts'
import { hawserServer } from '../../salesforce/hawser-server.ts'
import { observe } from '../../salesforce/observe-app.ts'
import { orgAccess, type OrgOptions } from '../../salesforce/org-access.ts'
import { openOrg } from '../../salesforce/org-api.ts'
import { policyInOrg } from '../../salesforce/org-app.ts'
import type { World } from '../../salesforce/world.ts'
import { globalsOf, type GlobalOptions } from '../../target.ts'
import { addOrgFlags } from './org-flags.ts'

interface Flags extends OrgOptions {
  integration: string
  app?: string
  refreshOnce?: string | true
  strict?: boolean
}

export function addCheck(app: Command, world: World): void {
  const command = app
    .command('check [folder]')
    .description("compares the app's settings with what is seen from outside, by Salesforce's rules for partners; changes nothing")
    .requiredOption('--integration <key>', 'the integration that signs in with the app')
    .option('--app <API name>', 'the app in the org (default: the one that has the key of the integration)')
    .option(
      '--refresh-once [connection]',
      'refresh one connection (default: the newest that works), to see whether a new refresh token comes',
    )
    .option('--strict', 'fail unless everything that is required of partners is met')
  addOrgFlags(command).action(async (folder: string | undefined, flags: Flags, self: Command) => {
    const globals = globalsOf(self)
    const deployed = await settingsInFolder(world, folder)
    const [seen, told] = [await observe(world, hawserServer(globals), flags), await settingsInOrg(world, globals, flags)]
    const observed: Observations = { ...seen.observations, ...told }
    const rows = mandateReport(deployed, observed)
    print(globals.json, { unique_key: flags.integration, rows, notes: seen.notes }, [...table(rows), '', ...seen.notes, ...LEGEND])
    if (flags.strict && rows.some(({ required, verdict }) => required === 'on' && verdict !== 'met')) process.exitCode = 1
  })
}

/** A folder that was named has to be there; the usual one is used when it is. */
async function settingsInFolder(world: World, folder: string | undefined): Promise<DeployedSettings | undefined> {
  if (folder === undefined && !(await folderExists(DEFAULT_FOLDER))) return undefined
  return readApp(world, folder ?? DEFAULT_FOLDER)
}

async function settingsInOrg(world: World, globals: GlobalOptions, flags: Flags): Promise<Observations> {
  if (flags.targetOrg === undefined && flags.instanceUrl === undefined) return {}
  const org = openOrg(world, await orgAccess(world, flags))
  const app = await appOfIntegration(org, hawserServer(globals), flags.integration, flags.app)
  const policy = await policyInOrg(org, app)
  return {
    ...(app.distribution === null ? {} : { distributionState: app.distribution }),
    ...(policy?.refreshTokenPolicyType ? { refreshTokenPolicyType: policy.refreshTokenPolicyType } : {}),
  }
}

function table(rows: readonly MandateRow[]): string[] {
  const width = Math.max(...rows.map(({ control }) => control.length))
  return rows.flatMap(({ control, required, deployed, observed, verdict, evidence }) => [
    `${control.padEnd(width)}  ${required === 'on' ? 'required' : 'advised '}  files: ${deployed.padEnd(7)}  seen: ${observed.padEnd(7)}  ${verdict}`,
    `${' '.repeat(width)}  ${evidence}`,
  ])
}

const LEGEND = [
  '"required": of partners whose app is used in more than two customers’ production orgs. "files": the folder. "seen": the org and its sign-in page.',
]
