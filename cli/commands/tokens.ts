import type { Command } from 'commander'
import { LONGEST_TOKEN_SECONDS, SHORTEST_TOKEN_SECONDS } from '@hawser/api/connection-tokens.ts'
import { parseDuration } from '#lib/duration.ts'
import type { CreateConnectionTokenBody, ListedConnectionToken } from '@hawser/node'
import { CommandFailure, print } from '../output.ts'
import { clientOf, globalsOf } from '../target.ts'
import { describeLimits, readLimits } from './key-limits.ts'
import { findConnection } from './request.ts'

interface MintOptions {
  integration?: string
  name?: string
  expires?: string
  methods?: string
  paths?: string
}

const INTEGRATION = ['-i, --integration <key>', 'needed when several integrations have a connection of that id'] as const
/** More are not printed; `--made-by` and `--connection` narrow the list. */
const MOST_LISTED = 2_000

/** Over the server, unlike `hawser keys`: a token is never worth more than the key that makes it, so there has to be one. */
export function addTokens(program: Command): void {
  const tokens = program
    .command('tokens')
    .description('connection tokens, for browsers and tools that must not hold an API key: mint, list, revoke')
    .action((_options: unknown, command: Command) => list({}, command))
  tokens
    .command('mint <connection>')
    .description('makes a token that calls this connection alone, and prints it, this once')
    .option(...INTEGRATION)
    .option('--name <name>', 'to recognise it by in the list')
    .option('--expires <duration>', 'such as 15m, which it is unless given; from 1m to 24h')
    .option('--methods <methods>', 'e.g. GET,POST')
    .option('--paths <patterns>', 'e.g. "/services/data/*"; * is one part, /* at the end everything below')
    .action(mint)
  tokens
    .command('list')
    .description('shows the tokens that work at the moment, never themselves')
    .option('-i, --integration <key>', 'only of this integration')
    .option('-c, --connection <id>', 'only of this connection')
    .option('--made-by <id>', 'only what this API key, or signing key, has made')
    .action(list)
  tokens
    .command('revoke [id]')
    .description('ends a token at once, by its id; or with --connection all of a connection')
    .option('-c, --connection <id>', 'all tokens of this connection')
    .option(...INTEGRATION)
    .action(revoke)
}

async function mint(name: string, options: MintOptions, command: Command): Promise<void> {
  const globals = globalsOf(command)
  const { limits } = readLimits(only(options, 'methods', 'paths'), Date.now())
  const body: CreateConnectionTokenBody = {
    ...(options.name === undefined ? {} : { display_name: options.name }),
    ...(options.expires === undefined ? {} : { expires_in: secondsOf(options.expires) }),
    ...limits,
  }
  const client = clientOf(globals)
  const { integration, connection } = await findConnection(client, name, options.integration)
  const made = await client.createConnectionToken(integration, connection, body)
  print(globals.json, { ...made, connection_id: connection, provider_config_key: integration }, [
    made.token,
    '',
    `This is shown once. It calls ${integration} / ${connection} until ${made.expires_at}; end it before with: npm run hawser -- tokens revoke ${made.id}`,
  ])
}

async function list(options: { integration?: string; connection?: string; madeBy?: string }, command: Command): Promise<void> {
  const globals = globalsOf(command)
  const client = clientOf(globals)
  const found: ListedConnectionToken[] = []
  for (let before: string | null | undefined; before !== null && found.length < MOST_LISTED;) {
    const page = await client.listConnectionTokens({
      ...(options.integration === undefined ? {} : { integration: options.integration }),
      ...(options.connection === undefined ? {} : { connectionId: options.connection }),
      ...(options.madeBy === undefined ? {} : { made_by: options.madeBy }),
      ...(before === undefined ? {} : { before }),
      limit: 200,
    })
    found.push(...page.data)
    before = page.next
  }
  const lines = found.map(
    (token) =>
      `${token.id}  ${token.hint ?? 'hct_'}  ${token.provider_config_key} / ${token.connection_id}${token.display_name === null ? '' : `  ${token.display_name}`}` +
      `${describeLimits(token)}  by ${token.made_by.display_name}  last used ${token.last_used_at ?? 'never'}`,
  )
  print(globals.json, found, lines.length > 0 ? lines : 'No connection token works at the moment.')
}

async function revoke(id: string | undefined, options: { connection?: string; integration?: string }, command: Command): Promise<void> {
  const globals = globalsOf(command)
  if ((id === undefined) === (options.connection === undefined))
    throw new CommandFailure('Say which token by its id (npm run hawser -- tokens list), or --connection <id> for all of a connection.')
  const client = clientOf(globals)
  if (id !== undefined) {
    await client.deleteConnectionToken(id)
    print(globals.json, { id, revoked: true }, 'Revoked. It stops working on all servers within a second.')
    return
  }
  const { integration, connection } = await findConnection(client, options.connection!, options.integration)
  const { ended } = await client.deleteTokensOfConnection(integration, connection)
  print(globals.json, { connection_id: connection, ended }, `Revoked all tokens of ${integration} / ${connection}: ${ended}.`)
}

function secondsOf(text: string): number {
  const seconds = Math.round((parseDuration(text) ?? NaN) / 1000)
  if (seconds >= SHORTEST_TOKEN_SECONDS && seconds <= LONGEST_TOKEN_SECONDS) return seconds
  throw new CommandFailure('--expires is a duration from 1m to 24h, such as 15m.')
}

function only<T extends object, K extends keyof T>(from: T, ...names: K[]): Pick<T, K> {
  return Object.fromEntries(names.filter((name) => from[name] !== undefined).map((name) => [name, from[name]])) as Pick<T, K>
}
