import type { Command } from 'commander'
import { hashOfSecretKey, hintOfSecretKey, newSecretKey } from '#accounts/secret-key.ts'
import { EVERYTHING } from '#accounts/create-api-key.ts'
import { shownKey } from '#accounts/list-api-keys.ts'
import { shownRevocation } from '#accounts/delete-api-key.ts'
import { revokeApiKey } from '#accounts/revoke-api-key.ts'
import { insertKey, listKeys } from '#accounts/store.ts'
import { newId } from '#lib/ids.ts'
import { scopes } from '@hawser/api/scopes.ts'
import { CommandFailure, print } from '../output.ts'
import { describeLimits, limitOptions, readLimits, type LimitOptions } from './key-limits.ts'
import { ENV, leaveTrace, withEnvironment, type EnvOption } from '../with-environment.ts'
import { globalsOf } from '../target.ts'

/** Works on the database itself, so that the first key of an environment needs no other key; whoever may run this owns the data anyway. */
export function addKeys(program: Command): void {
  const keys = program
    .command('keys')
    .description('API keys: list, create, revoke')
    .action((_options: unknown, command: Command) => list({ env: 'dev' }, command))
  keys
    .command('list')
    .description('shows the keys of an environment, never their secrets')
    .option(...ENV)
    .action(list)
  const creating = keys
    .command('create <name>')
    .description('makes a key and prints its secret, this once')
    .option(...ENV)
    .option('-s, --scopes <scopes>', `comma-separated; everything unless given. Known: ${scopes.join(', ')}`)
  limitOptions(creating).action(create)
  keys
    .command('revoke <id>')
    .description('ends a key at once, with the connection tokens that it made; its id is in the list')
    .option(...ENV)
    .option('--cascade', 'also the API keys and signing keys that were made with it: for a key that has leaked')
    .action(revoke)
}

async function list(options: EnvOption, command: Command): Promise<void> {
  await withEnvironment(options, command, async (store, environment) => {
    const found = (await listKeys(store.db.kysely, environment.id)).map(shownKey)
    const lines = found.map(
      (key) =>
        `${key.id}  ${key.hint.padEnd(16)}  ${key.display_name}  [${key.scopes.join(', ')}]${describeLimits(key)}  last used ${key.last_used_at ?? 'never'}`,
    )
    print(
      globalsOf(command).json,
      found,
      lines.length > 0
        ? lines
        : `No API keys in "${environment.name}". Make one with: npm run hawser -- keys create my-server --env ${environment.name}`,
    )
  })
}

async function create(name: string, options: EnvOption & LimitOptions & { scopes?: string }, command: Command): Promise<void> {
  const wanted = options.scopes?.split(',').map((scope) => scope.trim()) ?? EVERYTHING
  const unknown = wanted.filter((scope) => !(scopes as readonly string[]).includes(scope) && !/^environment:([a-z_]+:)?\*$/.test(scope))
  if (unknown.length > 0)
    throw new CommandFailure(
      `No such scope: ${unknown.join(', ')}. Known: ${scopes.join(', ')}, and wildcards such as environment:connections:*`,
    )
  if (name.length > 255) throw new CommandFailure('The name of a key has at most 255 characters.')
  const { limits, expiresAt } = readLimits(options, Date.now())
  await withEnvironment(options, command, async (store, environment) => {
    const secret = newSecretKey(environment.name)
    await leaveTrace(store, environment, 'api_key.create', {
      display_name: name,
      scopes: wanted,
      ...(limits ? { limits } : {}),
      ...(expiresAt ? { expires_at: expiresAt.toISOString() } : {}),
    })
    const key = await insertKey(store.db.kysely, {
      id: newId(),
      environmentId: environment.id,
      displayName: name,
      hint: hintOfSecretKey(secret),
      secretHash: hashOfSecretKey(secret),
      scopes: wanted,
      limits,
      expiresAt,
    })
    if (!key) throw new CommandFailure(`"${environment.name}" has a key named "${name}" already.`)
    print(globalsOf(command).json, { ...shownKey(key), secret }, [
      secret,
      '',
      'This is shown once. Keep it where your server reads its secrets.',
    ])
  })
}

async function revoke(id: string, options: EnvOption & { cascade?: boolean }, command: Command): Promise<void> {
  if (!/^[0-9a-f-]{36}$/i.test(id)) throw new CommandFailure('Say which key by its id: npm run hawser -- keys list')
  const cascade = options.cascade === true
  await withEnvironment(options, command, async (store, environment) => {
    await leaveTrace(store, environment, 'api_key.revoke', { id, ...(cascade ? { cascade } : {}) })
    const alsoEnded = (action: string, madeId: string) => leaveTrace(store, environment, action, { id: madeId, made_with: id })
    const revoked = await revokeApiKey(store.db.kysely, { environmentId: environment.id, id, cascade }, { alsoEnded })
    if (!revoked) throw new CommandFailure(`"${environment.name}" has no key of that id.`)
    const { success: _, ...shown } = shownRevocation(revoked, cascade)
    const made = [
      ...shown.api_keys_created.map((key) => `  API key      ${key.id}  ${key.display_name}`),
      ...shown.signing_keys_registered.map((key) => `  signing key  ${key.id}  ${key.display_name}`),
    ]
    print(globalsOf(command).json, { id, revoked: true, ...shown }, [
      `Revoked "${revoked.key.display_name}". It stops working at once.`,
      ...(shown.connection_tokens_ended > 0 ? [`Connection tokens that ended with it: ${shown.connection_tokens_ended}.`] : []),
      ...(made.length === 0
        ? []
        : [cascade ? 'Ended with it:' : 'Made with it, and still good (--cascade would have ended them too):', ...made]),
    ])
  })
}
