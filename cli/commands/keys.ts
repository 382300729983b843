import type { Command } from 'commander'
import { hashOfSecretKey, hintOfSecretKey, newSecretKey } from '#accounts/secret-key.ts'
import { EVERYTHING } from '#accounts/create-api-key.ts'
import { shownKey } from '#accounts/list-api-keys.ts'
import { deleteKey, findEnvironmentByName, insertKey, listKeys, type StoredEnvironment } from '#accounts/store.ts'
import { openAuditKey } from '#audit/audit-key.ts'
import { createAudit } from '#audit/record-disclosure.ts'
import { systemClock } from '#lib/clock.ts'
import { newId } from '#lib/ids.ts'
import { createLogger } from '#telemetry/log.ts'
import { scopes } from '@hawser/api/scopes.ts'
import type { Store } from '../../server/open-store.ts'
import { CommandFailure, print } from '../output.ts'
import { describeLimits, readLimits, type LimitOptions } from './key-limits.ts'
import { withStore } from '../with-store.ts'
import { globalsOf } from '../target.ts'

interface EnvOption {
  env: string
}

const ENV = ['-e, --env <name>', 'environment: dev or prod', 'dev'] as const

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
  keys
    .command('create <name>')
    .description('makes a key and prints its secret, this once')
    .option(...ENV)
    .option('-s, --scopes <scopes>', `comma-separated; everything unless given. Known: ${scopes.join(', ')}`)
    .option('--integrations <keys>', 'comma-separated; the key sees no other integrations, and no connections of others')
    .option('--connections <ids>', 'comma-separated connection ids')
    .option('--tags <tags>', 'only connections with these tags, e.g. team=billing,plan=pro')
    .option('--methods <methods>', 'of proxied calls, e.g. GET,POST')
    .option('--paths <patterns>', 'of proxied calls, e.g. "/services/data/*"; * is one part, /* at the end everything below')
    .option('--expires <when>', 'a duration such as 12h or 30d, or a time such as 2027-01-31T00:00:00Z')
    .action(create)
  keys
    .command('revoke <id>')
    .description('ends a key at once; its id is in the list')
    .option(...ENV)
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

async function revoke(id: string, options: EnvOption, command: Command): Promise<void> {
  if (!/^[0-9a-f-]{36}$/i.test(id)) throw new CommandFailure('Say which key by its id: npm run hawser -- keys list')
  await withEnvironment(options, command, async (store, environment) => {
    await leaveTrace(store, environment, 'api_key.revoke', { id })
    const key = await deleteKey(store.db.kysely, environment.id, id)
    if (!key) throw new CommandFailure(`"${environment.name}" has no key of that id.`)
    print(globalsOf(command).json, { id, revoked: true }, `Revoked "${key.display_name}". It stops working at once.`)
  })
}

/** Commits the row of the audit before the change, as the endpoints do. */
async function leaveTrace(store: Store, environment: StoredEnvironment, action: string, subject: Record<string, unknown>): Promise<void> {
  const key = await openAuditKey(store.db.kysely, store.key.provider)
  const audit = createAudit({ db: store.db, clock: systemClock, log: createLogger({ level: 'warn', write: () => {} }) }, { key })
  try {
    await audit.changed({ environmentId: environment.id, actor: { kind: 'command_line' }, action, subject })
  } finally {
    await audit.close()
  }
}

async function withEnvironment(
  options: EnvOption,
  command: Command,
  work: (store: Store, environment: StoredEnvironment) => Promise<void>,
): Promise<void> {
  await withStore(command, async (store) => {
    const environment = await findEnvironmentByName(store.db.kysely, options.env)
    if (!environment) throw new CommandFailure(`No environment is called "${options.env}". There are dev and prod.`)
    await work(store, environment)
  })
}
