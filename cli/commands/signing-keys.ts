import { readFile } from 'node:fs/promises'
import type { Command } from 'commander'
import { Failure } from '@hawser/api/errors.ts'
import { readPublicKey, type ReadPublicKey } from '#accounts/public-key.ts'
import { deleteSigningKeyOf, insertSigningKey, listSigningKeysOf } from '#accounts/signing-key-store.ts'
import { MAX_SIGNING_KEYS, shownSigningKey } from '#accounts/signing-keys.ts'
import { newId } from '#lib/ids.ts'
import { CommandFailure, print } from '../output.ts'
import { globalsOf } from '../target.ts'
import { ENV, leaveTrace, withEnvironment, type EnvOption } from '../with-environment.ts'
import { describeLimits, limitOptions, readLimits, type LimitOptions } from './key-limits.ts'

/** Works on the database itself, like `hawser keys`. */
export function addSigningKeys(program: Command): void {
  const keys = program
    .command('signing-keys')
    .description('public keys of your backend, whose JWTs call connections: list, add, remove')
    .action((_options: unknown, command: Command) => list({ env: 'dev' }, command))
  keys
    .command('list')
    .description('shows the keys of an environment; the id is the `kid` of their JWTs')
    .option(...ENV)
    .action(list)
  const adding = keys
    .command('add <name> <file>')
    .description('registers a public key, PEM or JWK: RSA from 2048 bits, P-256 or Ed25519; - reads it from the standard input')
    .option(...ENV)
  limitOptions(adding).action(add)
  keys
    .command('remove <id>')
    .description('ends a key at once, with all of its JWTs and the tokens that they were exchanged for')
    .option(...ENV)
    .action(remove)
}

async function list(options: EnvOption, command: Command): Promise<void> {
  await withEnvironment(options, command, async (store, environment) => {
    const found = (await listSigningKeysOf(store.db.kysely, environment.id)).map(shownSigningKey)
    const lines = found.map(
      (key) =>
        `${key.id}  ${key.algorithm}  ${key.display_name}  ${key.thumbprint}${describeLimits(key)}  last used ${key.last_used_at ?? 'never'}`,
    )
    print(
      globalsOf(command).json,
      found,
      lines.length > 0
        ? lines
        : `No signing keys in "${environment.name}". Add one with: npm run hawser -- signing-keys add my-backend public.pem --env ${environment.name}`,
    )
  })
}

async function add(name: string, file: string, options: EnvOption & LimitOptions, command: Command): Promise<void> {
  if (name.length > 255) throw new CommandFailure('The name of a key has at most 255 characters.')
  const { limits, expiresAt } = readLimits(options, Date.now())
  const { algorithm, pem, thumbprint } = await publicKeyIn(file)
  await withEnvironment(options, command, async (store, environment) => {
    const db = store.db.kysely
    if ((await listSigningKeysOf(db, environment.id)).length >= MAX_SIGNING_KEYS)
      throw new CommandFailure(`"${environment.name}" has ${MAX_SIGNING_KEYS} signing keys already; remove one first.`)
    const id = newId()
    await leaveTrace(store, environment, 'signing_key.create', {
      ...{ id, display_name: name, algorithm, thumbprint },
      ...(limits ? { limits } : {}),
    })
    const key = await insertSigningKey(db, {
      ...{ id, environmentId: environment.id, displayName: name, algorithm, publicKey: pem, thumbprint, limits, expiresAt },
    })
    if (!key) throw new CommandFailure(`"${environment.name}" has a signing key named "${name}" already.`)
    print(globalsOf(command).json, shownSigningKey(key), [
      id,
      '',
      `The \`kid\` of its JWTs. Sign them with ${algorithm}: \`sub\` is the connection's id, \`integration\` its integration, \`aud\` the server's public URL,`,
      '`exp` at most one hour after `iat`. The guide keys-and-tokens has the code.',
    ])
  })
}

async function remove(id: string, options: EnvOption, command: Command): Promise<void> {
  if (!/^[0-9a-f-]{36}$/i.test(id)) throw new CommandFailure('Say which key by its id: npm run hawser -- signing-keys list')
  await withEnvironment(options, command, async (store, environment) => {
    await leaveTrace(store, environment, 'signing_key.delete', { id })
    if (!(await deleteSigningKeyOf(store.db.kysely, environment.id, id)))
      throw new CommandFailure(`"${environment.name}" has no signing key of that id.`)
    print(globalsOf(command).json, { id, removed: true }, 'Removed. Its JWTs, and tokens that were made of them, stop working at once.')
  })
}

const LONGEST_FILE = 10_000

async function publicKeyIn(file: string): Promise<ReadPublicKey> {
  const text = await (file === '-' ? standardInput() : readFile(file, 'utf8')).catch((error: Error) => {
    throw new CommandFailure(`${file} cannot be read: ${error.message}`)
  })
  if (text.length > LONGEST_FILE) throw new CommandFailure(`${file} is too long for a public key.`)
  try {
    return await readPublicKey(text.trimStart().startsWith('{') ? (JSON.parse(text) as Record<string, unknown>) : text)
  } catch (error) {
    if (error instanceof Failure || error instanceof SyntaxError) throw new CommandFailure(`${file}: ${error.message}`)
    throw error
  }
}

async function standardInput(): Promise<string> {
  let text = ''
  for await (const chunk of process.stdin.setEncoding('utf8')) if ((text += String(chunk)).length > LONGEST_FILE) break
  return text
}
