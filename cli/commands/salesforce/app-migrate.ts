import { readFile, stat } from 'node:fs/promises'
import { basename } from 'node:path'
import type { Command } from 'commander'
import { appFiles } from '@hawser/salesforce/eca/metadata-files.ts'
import { migrateConnectedApp } from '@hawser/salesforce/eca/migrate-connected-app.ts'
import { CommandFailure, print } from '../../output.ts'
import { DEFAULT_FOLDER, writeAppFolder } from '../../salesforce/app-folder.ts'
import { canaryOf, failureSentences, refreshOnce, type Canary } from '../../salesforce/canary.ts'
import { hasCode, hawserServer } from '../../salesforce/hawser-server.ts'
import { migrationReport } from '../../salesforce/migration-report.ts'
import { shortened } from '../../salesforce/paste-credentials.ts'
import type { World } from '../../salesforce/world.ts'
import { globalsOf, type GlobalOptions } from '../../target.ts'

interface Flags {
  eligible?: boolean
  from?: string
  progress?: boolean
  finish?: boolean
  integration?: string
  canary?: string
  yes?: boolean
  force?: boolean
}

export function addMigrate(app: Command, world: World): void {
  app
    .command('migrate [folder]')
    .description(
      'from a connected app to an External Client App: by Setup’s button (--eligible), or as a new app beside the old one (--from)',
    )
    .option('--eligible', 'the way of the button (default): tells the clicks, then refreshes one connection and says whether it survived')
    .option('--from <file>', 'the way of a new app: <Name>.connectedApp-meta.xml, as a retrieve writes it')
    .option('--progress', 'how many connections live on which credentials')
    .option('--finish', 'forgets the old credentials, once no connection needs them')
    .option('--integration <key>', 'the integration (for all but --from)')
    .option('--canary <connection>', 'with --eligible: the connection to refresh (default: the newest that works)')
    .option('--yes', 'with --eligible: the button was pressed, do not wait for Enter')
    .option('--force', 'with --from: write over the files of an app that is in the folder already')
    .action(async (folder: string = DEFAULT_FOLDER, flags: Flags, self: Command) => {
      const globals = globalsOf(self)
      const ways = [flags.eligible, flags.from !== undefined, flags.progress, flags.finish].filter(Boolean).length
      if (ways > 1) throw new CommandFailure('Choose one: --eligible, --from <file>, --progress or --finish.')
      if (flags.from !== undefined) return fromFile(world, globals, folder, flags.from, flags.force === true)
      if (flags.integration === undefined)
        throw new CommandFailure('Say which integration: --integration <key>. Or begin with the file of the connected app: --from <file>.')
      if (flags.progress) return progress(globals, flags.integration)
      return flags.finish ? finish(globals, flags.integration) : byButton(world, globals, flags.integration, flags)
    })
}

/** Source: migration facts §2 (V; whether tokens survive is not stated anywhere, which is why one connection tells). */
const BUTTON_STEPS = [
  'In Setup of the org that owns the connected app (a sandbox first, if you have one):',
  '  1. App Manager → the app → View → Migrate to External Client App.',
  '     No such button? Compare with the table of: npm run hawser -- salesforce app migrate --from <Name>.connectedApp-meta.xml',
  '  2. Confirm that the app is local and that nobody logs in with user name and password through it.',
  '  3. Migrate. Key and secret stay; the connected app becomes read-only; changes go to the new app from now on.',
  '     Deleting the new app would bring the old one back, with the settings it has today.',
]

async function byButton(world: World, globals: GlobalOptions, integration: string, flags: Flags): Promise<void> {
  const { client } = hawserServer(globals)
  const canary = await canaryOf(client, integration, flags.canary)
  if (!canary)
    throw new CommandFailure(
      `${integration} has no connection that works, so nothing could tell whether grants survive. Connect one first, or name one with --canary.`,
    )
  for (const line of BUTTON_STEPS) world.say(line)
  await client.recordAppMigration(integration, { state: 'announced', canary_connection_id: canary.connectionId })
  if (!flags.yes) await world.ask.line(`Press Enter when that is done; then exactly one connection (${canary.connectionId}) is refreshed. `)
  const result = await refreshOnce(client, integration, canary)
  if (result.outcome === 'unclear')
    throw new CommandFailure(
      [
        `No verdict: ${canary.connectionId} could not be refreshed, but not because its grant is over.`,
        ...failureSentences(result.failure),
        '  Do:  Run the same command again with --yes.',
      ].join('\n'),
    )
  await client.recordAppMigration(integration, { state: 'done', outcome: result.outcome })
  print(
    globals.json,
    {
      unique_key: integration,
      canary_connection_id: canary.connectionId,
      outcome: result.outcome,
      diagnosis: 'failure' in result ? (result.failure.diagnosis ?? null) : null,
    },
    verdict(canary, result),
  )
  if (result.outcome === 'reconnect') process.exitCode = 1
}

function verdict(canary: Canary, result: Awaited<ReturnType<typeof refreshOnce>>): string[] {
  if (result.outcome === 'survived')
    return [`survived: ${canary.connectionId} was refreshed after the migration. Its grant lives on, and so will the others of this app.`]
  return [
    `reconnect: ${canary.connectionId} could not be refreshed any more.`,
    ...failureSentences(result.failure),
    '  The others were not touched. Deleting the new app in Setup brings the connected app back; else their users have to connect again.',
  ]
}

const LARGEST = 1024 * 1024

async function fromFile(world: World, globals: GlobalOptions, folder: string, file: string, force: boolean): Promise<void> {
  const xml = await connectedAppFile(file)
  const migrated = migrateConnectedApp(xml, basename(file))
  if (!migrated.ok) throw new CommandFailure(`${file}: ${migrated.problem}`)
  const { options, report, eligibility } = migrated
  const files = [...appFiles(options), { path: 'migration-report.md', content: migrationReport(options.label, migrated) }]
  await writeAppFolder(folder, files, { force })
  world.say('Can Setup’s button do it, with the same key and secret?')
  for (const { condition, state, how } of eligibility)
    world.say(`  ${{ met: 'ok  ', 'not met': 'NO  ', 'a person must look': '?   ' }[state]}  ${condition} ${how}`)
  print(globals.json, { folder, files: files.map(({ path }) => path), eligibility, report }, [
    ...(report.blockers.length === 0
      ? [
          'Nothing in the file speaks against the button. Try that first: npm run hawser -- salesforce app migrate --eligible --integration <key>',
        ]
      : ['Setup does not offer the button for this app.']),
    '',
    `Wrote the new app to ${folder}, and what became of each setting to ${folder}/migration-report.md: ${report.mapped.length} taken over, ${report.defaulted.length} by default, ${report.dropped.length} dropped, ${report.needsPerson.length} for you to look at.`,
    '',
    'The new app has a key and secret of its own, so everybody connects again, at their own pace:',
    `  1. npm run hawser -- salesforce app deploy --target-org <alias> --integration <key>${folder === DEFAULT_FOLDER ? '' : ` ${folder}`}`,
    '     The integration gets the new credentials as a second set: connections that exist go on with the old ones.',
    '  2. Reconnect one by one (POST /connect/sessions/reconnect). npm run hawser -- salesforce app migrate --progress --integration <key> counts.',
    '  3. npm run hawser -- salesforce app migrate --finish --integration <key> forgets the old set. Then block the connected app in Setup.',
  ])
}

async function connectedAppFile(file: string): Promise<string> {
  try {
    if ((await stat(file)).size > LARGEST) throw new CommandFailure(`${file} is too large for a connected app.`)
    return await readFile(file, 'utf8')
  } catch (error) {
    if (error instanceof CommandFailure) throw error
    throw new CommandFailure(
      `${file} cannot be read (${(error as NodeJS.ErrnoException).code}). Retrieve it: sf project retrieve start --metadata ConnectedApp:<Name> --target-org <alias>`,
    )
  }
}

async function progress(globals: GlobalOptions, integration: string): Promise<void> {
  const clients = await hawserServer(globals).client.listIntegrationClients(integration)
  const old = clients.filter(({ state }) => state === 'retired')
  const waiting = old.reduce((sum, { connections }) => sum + connections, 0)
  print(globals.json, clients, [
    ...clients.map(
      ({ client_id, state, connections, broken_connections }) =>
        `${state.padEnd(8)} ${shortened(client_id).padEnd(14)} ${connections} ${connections === 1 ? 'connection' : 'connections'}${broken_connections > 0 ? `, ${broken_connections} of them broken` : ''}`,
    ),
    old.length === 0
      ? 'There is no old set of credentials.'
      : waiting === 0
        ? `No connection needs an old set any more: npm run hawser -- salesforce app migrate --finish --integration ${integration}`
        : `${waiting} still to reconnect.`,
  ])
}

async function finish(globals: GlobalOptions, integration: string): Promise<void> {
  const { client } = hawserServer(globals)
  const old = (await client.listIntegrationClients(integration)).filter(({ state }) => state === 'retired')
  const forgotten: string[] = []
  for (const { id, client_id } of old) {
    try {
      await client.deleteIntegrationClient(integration, id)
      forgotten.push(client_id)
    } catch (error) {
      if (!hasCode(error, 'client_in_use')) throw error
      const { connections, examples } = (error as { payload?: { connections?: number; examples?: string[] } }).payload ?? {}
      throw new CommandFailure(
        [
          `${connections ?? 'Some'} connections still need the old credentials ${shortened(client_id)}; nothing of them was forgotten.`,
          ...(examples && examples.length > 0 ? [`  For instance: ${examples.join(', ')}`] : []),
          `  Do:  Reconnect them, then run this again. npm run hawser -- salesforce app migrate --progress --integration ${integration}`,
        ].join('\n'),
        { connections: connections ?? null, examples: examples ?? [], forgotten },
      )
    }
  }
  print(
    globals.json,
    { unique_key: integration, forgotten },
    old.length === 0
      ? 'There is no old set of credentials.'
      : `Forgot ${forgotten.map(shortened).join(', ')}. Block the connected app in Setup, or delete it.`,
  )
}
