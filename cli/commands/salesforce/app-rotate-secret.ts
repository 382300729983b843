import type { Command } from 'commander'
import { CommandFailure, print } from '../../output.ts'
import { appOfIntegration } from '../../salesforce/app-of-integration.ts'
import { hawserServer } from '../../salesforce/hawser-server.ts'
import { orgAccess, type OrgOptions } from '../../salesforce/org-access.ts'
import { OrgFailure, openOrg } from '../../salesforce/org-api.ts'
import { plannedRotation, runRotation, type Rotation } from '../../salesforce/rotation.ts'
import type { World } from '../../salesforce/world.ts'
import { globalsOf } from '../../target.ts'
import { addOrgFlags } from './org-flags.ts'

interface Flags extends OrgOptions {
  integration: string
  app?: string
  canary?: string
  again?: boolean
  dryRun?: boolean
}

export function addRotateSecret(app: Command, world: World): void {
  const command = app
    .command('rotate-secret')
    .description("replaces the app's key and secret without a failed request; stopped half-way, running it again goes on")
    .requiredOption('--integration <key>', 'the integration that signs in with the app')
    .option('--app <API name>', 'the app (default: the one that has the key of the integration)')
    .option('--canary <connection>', 'the connection that is refreshed to confirm (default: the newest that works)')
    .option('--again', 'rotate once more, although the last rotation is less than 30 days old')
    .option('--dry-run', 'show the steps, change nothing')
  addOrgFlags(command).action(async (flags: Flags, self: Command) => {
    const globals = globalsOf(self)
    const org = openOrg(world, await orgAccess(world, flags))
    const server = hawserServer(globals)
    try {
      const found = await appOfIntegration(org, server, flags.integration, flags.app)
      const rotation: Rotation = {
        world,
        org,
        app: found,
        server,
        integration: flags.integration,
        canary: flags.canary,
        again: flags.again === true,
      }
      if (flags.dryRun) {
        const plan = await plannedRotation(rotation)
        print(globals.json, { app: found.apiName, plan }, [
          `${found.label} (${found.apiName}) in ${org.name}; nothing was changed.`,
          ...plan.map((step, index) => `  ${index + 1}. ${step}`),
        ])
        return
      }
      world.say(`Rotating key and secret of ${found.label} (${found.apiName}) in ${org.name}.`)
      const steps = await runRotation(rotation, ({ step, text }) => world.say(`  ${step}: ${text}`))
      const untouched = steps.length === 1
      print(globals.json, { app: found.apiName, integration: flags.integration, steps }, [
        steps.at(-1)?.text ?? '',
        ...(untouched ? ['Nothing was to do: the last rotation is less than 30 days old. Rotate once more with --again.'] : []),
      ])
    } catch (error) {
      throw withHint(error)
    }
  })
}

/** The rotation needs the API for credentials; without it, Setup is the way. */
function withHint(error: unknown): unknown {
  if (!(error instanceof OrgFailure) || (error.status !== 403 && error.row?.id !== 'secrets-api-disabled')) return error
  return new CommandFailure(
    [
      error.message,
      '  Do:  In Setup → External Client Apps → Settings allow access to consumer secrets via REST API, and give your user "View Client Secret" and',
      '       "Create, Edit, and Delete External Client Apps". Or rotate by hand: Setup → External Client App Manager → the app → Settings →',
      '       OAuth Settings → Consumer Key and Secret → Stage, then put the new ones into Hawser.',
    ].join('\n'),
    error.details,
  )
}
