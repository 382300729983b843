import type { Command } from 'commander'
import { HawserError } from '@hawser/node'
import { CommandFailure, print } from '../../output.ts'
import { hawserServer } from '../../salesforce/hawser-server.ts'
import type { World } from '../../salesforce/world.ts'
import { globalsOf } from '../../target.ts'
import { DEFAULT_FOLDER } from '../../salesforce/app-folder.ts'

/** Source: eca-metadata facts §7 and the Metadata API guide (V); the order of the CLI's commands is from its help (M). */
function packageSteps(folder: string): string[] {
  return [
    `1. Make the app with --distribution Packaged: npm run hawser -- salesforce app create ${folder} --distribution Packaged --org-kind production …`,
    '   Sandboxes and scratch orgs cannot package an app; take a production, Developer Edition or Dev Hub org.',
    `2. Deploy it there: npm run hawser -- salesforce app deploy --target-org <dev hub> --org-kind production ${folder}`,
    '3. Retrieve it, so that its files hold oauthLink and orgScopedExternalApp: those tie the package to the key of this org.',
    '     sf project retrieve start --metadata ExternalClientApplication ExtlClntAppOauthSettings --target-org <dev hub>',
    '4. Leave extlClntAppGlobalOauthSets and the policies out of the package: the global settings hold the key and are not packaged.',
    '5. In the Dev Hub allow it: Setup → External Client Apps → Settings, "package External Client Apps" (enablePackageEcaOauthFromDevOrg).',
    '6. Build a managed package (second generation) with a namespace:',
    '     sf package create --name <name> --package-type Managed --path force-app --target-dev-hub <dev hub>',
    '     sf package version create --package <name> --installation-key-bypass --wait 30 --code-coverage --target-dev-hub <dev hub>',
    '     sf package version promote --package <04t…> --target-dev-hub <dev hub>',
    '7. The install link is https://login.salesforce.com/packaging/installPackage.apexp?p0=<04t…> (test.salesforce.com for sandboxes).',
    '   Your customers’ administrators open it once; the Connect page shows it when the app is not installed.',
  ]
}

export function addPackage(app: Command, world: World): void {
  app
    .command('package [folder]')
    .description('notes where administrators install your packaged app, and tells how to build the package')
    .requiredOption('--integration <key>', 'the integration whose Connect page shows the link')
    .requiredOption('--install-url <url>', 'the https address of the package, or "none" to take it away')
    .action(async (folder: string = DEFAULT_FOLDER, flags: { integration: string; installUrl: string }, self: Command) => {
      const globals = globalsOf(self)
      const installUrl = flags.installUrl === 'none' ? null : httpsUrl(flags.installUrl)
      const { client } = hawserServer(globals)
      await client.updateIntegration(flags.integration, { install_url: installUrl }).catch((error: unknown) => {
        if (!(error instanceof HawserError) || error.code !== 'not_found') throw error
        throw new CommandFailure(`There is no integration "${flags.integration}".`)
      })
      world.say('Building the package was not verified on a live org; the steps are from Salesforce’s documentation:')
      print(
        globals.json,
        { unique_key: flags.integration, install_url: installUrl, verified_on_a_live_org: false, steps: packageSteps(folder) },
        [
          installUrl === null
            ? `${flags.integration} shows no install link any more.`
            : `${flags.integration} shows ${installUrl} to whoever lacks the app.`,
          '',
          ...packageSteps(folder),
        ],
      )
    })
}

function httpsUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url?.protocol !== 'https:' || url.username !== '' || url.password !== '')
    throw new CommandFailure(
      '--install-url is an https address, such as https://login.salesforce.com/packaging/installPackage.apexp?p0=04t…',
    )
  return url.href
}
