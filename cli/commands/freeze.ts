import type { Command } from 'commander'
import { CommandFailure, print } from '../output.ts'
import { apiKeyOf, globalsOf, serverUrlOf, type GlobalOptions } from '../target.ts'

interface Options {
  integration?: string
  connection?: string
  reason?: string
  dryRun?: boolean
  yes?: boolean
}

const WHAT = [
  ['-i, --integration <key>', 'only this integration'],
  ['-c, --connection <id>', 'only this connection, with --integration'],
] as const

/** The kill switch. Of the environment that the API key belongs to. */
export function addFreeze(program: Command): void {
  program
    .command('freeze')
    .description('stops all use of credentials at once: of the environment, of an integration, or of a connection')
    .option(...WHAT[0])
    .option(...WHAT[1])
    .option('-r, --reason <text>', 'told to everybody whose call is refused')
    .action(async (options: Options, command: Command) => {
      const globals = globalsOf(command)
      const answer = await post(globals, pathOf(options, 'freeze'), options.reason === undefined ? {} : { reason: options.reason })
      print(globals.json, answer, `Frozen: ${nameOf(options)}. Calls are refused on all servers within a second.`)
    })
  program
    .command('unfreeze')
    .description('lets credentials be used again')
    .option(...WHAT[0])
    .option(...WHAT[1])
    .action(async (options: Options, command: Command) => {
      const globals = globalsOf(command)
      print(globals.json, await post(globals, pathOf(options, 'unfreeze'), undefined), `In use again: ${nameOf(options)}.`)
    })
  program
    .command('revoke')
    .description('ends the grants of all connections, here and at the provider; customers have to connect again')
    .option(...WHAT[0])
    .option('-c, --connection <id...>', 'only these connections')
    .option('--dry-run', 'only counts')
    .option('--yes', 'needed to really revoke')
    .action(async (options: Omit<Options, 'connection'> & { connection?: string[] }, command: Command) => {
      const globals = globalsOf(command)
      if (!options.dryRun && !options.yes) throw new CommandFailure('Look first with --dry-run; then say --yes. It cannot be undone.')
      const { data } = await post<{ data: Revocation }>(globals, '/environment/revoke', {
        dry_run: options.dryRun === true,
        ...(options.integration === undefined ? {} : { integration: options.integration }),
        ...(options.connection === undefined ? {} : { connections: options.connection }),
      })
      const many = (count: number, what: string) => `${count} ${what}${count === 1 ? '' : 's'}`
      const counted = `${many(data.grants, 'grant')} of ${many(data.connections, 'connection')}`
      print(globals.json, data, [
        data.dry_run
          ? `Would end ${counted}. Nothing was changed.`
          : `Ended ${counted}; the provider is told by jobs that do not give up early.`,
        ...(data.remaining > 0 ? [`Left: ${many(data.remaining, 'grant')}. Run it again.`] : []),
      ])
    })
}

interface Revocation {
  dry_run: boolean
  connections: number
  grants: number
  remaining: number
}

function pathOf({ integration, connection }: Options, verb: 'freeze' | 'unfreeze'): string {
  if (connection !== undefined && integration === undefined) throw new CommandFailure('--connection goes with --integration <key>.')
  if (integration === undefined) return `/environment/${verb}`
  const key = encodeURIComponent(integration)
  if (connection === undefined) return `/integrations/${key}/${verb}`
  return `/connections/${encodeURIComponent(connection)}/${verb}?provider_config_key=${key}`
}

function nameOf({ integration, connection }: Options): string {
  if (connection !== undefined) return `the connection ${connection}`
  return integration === undefined ? 'the environment' : `the integration ${integration}`
}

const TIMEOUT_MS = 60_000

async function post<T>(globals: GlobalOptions, path: string, body: unknown): Promise<T> {
  const answer = await fetch(`${serverUrlOf(globals)}${path}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${apiKeyOf(globals)}`, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
    signal: AbortSignal.timeout(TIMEOUT_MS),
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  }).catch((error: Error) => {
    throw new CommandFailure(`The server does not answer (${error.message}). Is it running? Say where it is with --server.`)
  })
  const read = (await answer.json().catch(() => undefined)) as { error?: { code: string; message: string } } | undefined
  if (!answer.ok)
    throw new CommandFailure(read?.error ? `${read.error.message} (${read.error.code})` : `The server answered ${answer.status}.`)
  return read as T
}
