import type { Command } from 'commander'
import type { AppOptions } from '@hawser/salesforce/eca/app-options.ts'
import { appFiles } from '@hawser/salesforce/eca/metadata-files.ts'
import { applyPreset, presetByName, type AppOverrides, type PresetName } from '@hawser/salesforce/eca/presets.ts'
import { CommandFailure, print } from '../../output.ts'
import { DEFAULT_FOLDER, writeAppFolder, type AppFile } from '../../salesforce/app-folder.ts'
import { hawserServer } from '../../salesforce/hawser-server.ts'
import { MEANT_KINDS, type MeantKind } from '../../salesforce/deploy-checks.ts'
import type { World } from '../../salesforce/world.ts'
import { globalsOf, type GlobalOptions } from '../../target.ts'
import { addAppFlags, givenOptions, presetOf, type AppFlags } from './app-flags.ts'

export interface CreateFlags extends AppFlags {
  force?: boolean
  orgKind?: string
}

export function addCreate(app: Command, world: World): void {
  const command = app
    .command('create [folder]')
    .description('writes an External Client App as files: a Salesforce DX project that can be kept in git, without any secret')
    .option('--force', 'write over the files of an app that is in the folder already')
    .option('--org-kind <kind>', `the kind of org it is for: ${MEANT_KINDS.join(', ')} (default: sandbox)`)
  addAppFlags(command).action(async (folder: string = DEFAULT_FOLDER, flags: CreateFlags, self: Command) => {
    const globals = globalsOf(self)
    const { files, preset, costs, options, warnings } = await plannedApp(world, globals, flags)
    await writeAppFolder(folder, files, { force: flags.force === true })
    const paths = files.map(({ path }) => path)
    print(globals.json, { folder, files: paths, preset, costs, options, warnings }, [
      `Wrote "${options.label}" (${options.apiName}) to ${folder}:`,
      ...paths.map((path) => `  ${path}`),
      '',
      `Preset ${preset}. ${costs}`,
      ...warnings.map((warning) => `Note: ${warning}`),
      '',
      `Next: npm run hawser -- salesforce app deploy --target-org <alias>${folder === DEFAULT_FOLDER ? '' : ` ${folder}`}`,
    ])
  })
}

export interface PlannedApp {
  files: AppFile[]
  preset: PresetName
  costs: string
  options: AppOptions
  warnings: string[]
}

/** Fields of the generator whose option is called otherwise; people know the option. */
const OPTION_OF: Readonly<Record<string, string>> = {
  label: '--name',
  apiName: '--api-name',
  contactEmail: '--contact-email',
  contactPhone: '--contact-phone',
  infoUrl: '--info-url',
  logoUrl: '--logo-url',
  iconUrl: '--icon-url',
  description: '--description',
  callbackUrls: '--callback-url',
  scopes: '--scope',
  refreshTokens: '--refresh-tokens',
  sessionTimeoutMinutes: '--session-timeout',
  requiredSessionLevel: '--session-level',
  ipRelaxation: '--ip-relaxation',
  permittedUsers: '--permitted-users',
  permissionSets: '--permission-set',
  profiles: '--profile',
  tokenIpRanges: '--token-ip-range',
  distribution: '--distribution',
}

/** Asks for the name and the contact's address when nobody gave them and a person sits there. Throws a `CommandFailure` that names every wrong field. */
export async function plannedApp(world: World, globals: GlobalOptions, flags: CreateFlags): Promise<PlannedApp> {
  const preset = presetOf(flags)
  const orgKind = meantKind(flags.orgKind) ?? 'sandbox'
  const given = givenOptions({ ...flags, ...(await asked(world, flags)) })
  given['callbackUrls'] ??= [await callbackUrlOf(globals)]
  const checked = applyPreset(preset, given as AppOverrides, { orgKind })
  if (!checked.ok) {
    const lines = checked.problems.map(({ field, reason, fix }) => `  - ${OPTION_OF[field] ?? (field || 'options')}: ${reason} ${fix}`)
    throw new CommandFailure(['Nothing was written: the app cannot be made like this.', ...lines].join('\n'), {
      problems: checked.problems,
    })
  }
  return {
    files: appFiles(checked.options, { orgKind }),
    preset,
    costs: presetByName(preset)?.costs ?? '',
    options: checked.options,
    warnings: checked.warnings.map(({ field, reason, fix }) => `${field}: ${reason} ${fix}`),
  }
}

export function meantKind(text: string | undefined): MeantKind | undefined {
  if (text === undefined) return undefined
  const kind = MEANT_KINDS.find((known) => known === text)
  if (kind === undefined) throw new CommandFailure(`--org-kind is one of ${MEANT_KINDS.join(', ')}.`)
  return kind
}

async function asked(world: World, { name, contactEmail }: AppFlags): Promise<AppFlags> {
  if (!world.ask.interactive) return {}
  return {
    ...(name === undefined ? { name: await world.ask.line('Name of the app, as people will see it: ') } : {}),
    ...(contactEmail === undefined ? { contactEmail: await world.ask.line('Contact email: ') } : {}),
  }
}

async function callbackUrlOf(globals: GlobalOptions): Promise<string> {
  try {
    return (await hawserServer(globals).client.getEnvironment()).callback_url
  } catch (error) {
    throw new CommandFailure(
      `The callback URL is the Hawser server's own, and the server did not tell it: ${(error as Error).message}\n  Do:  Start the server, or give --callback-url https://<your server>/oauth/callback.`,
    )
  }
}
