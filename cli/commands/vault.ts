import type { Command } from 'commander'
import type { Config } from '#config.ts'
import type { RotationProgress } from '#vault/rotate-environment-key.ts'
import type { Store } from '../../server/open-store.ts'
import { replaceEnvironmentKeys, replaceVaultKey, vaultStatus, type NewKeyInPlace, type VaultStatus } from '../../server/rotate-keys.ts'
import { CommandFailure, print } from '../output.ts'
import { withStore } from '../with-store.ts'
import { globalsOf } from '../target.ts'

interface RotateOptions {
  environmentKeys?: boolean
  env?: string
  toFile?: boolean
}

/** Works on the database itself, beside the servers that run on it. */
export function addVault(program: Command): void {
  const vault = program.commands.find((each) => each.name() === 'vault') ?? program.command('vault')
  vault
    .description('the keys that stored credentials are encrypted with, and the database that they belong to')
    .action((_options: unknown, command: Command) => status({}, command))
  vault.command('status').description('names the vault key, and says how far rotations are; shows nothing secret').action(status)
  vault
    .command('rotate')
    .description('replaces the vault key, while servers run; with --environment-keys the keys under it')
    .option('--environment-keys', 'new keys for the environments: every data key is wrapped again; run it again after an interruption')
    .option('-e, --env <name>', 'with --environment-keys: this environment alone')
    .option('--to-file', 'the new vault key goes into the data directory, wherever the present one is from')
    .action(rotate)
}

async function status(_options: unknown, command: Command): Promise<void> {
  await withVault(command, async (store) => {
    const found = await vaultStatus(store)
    print(globalsOf(command).json, found, sentencesOf(found))
  })
}

function sentencesOf({ key, environments }: VaultStatus): string[] {
  const steps = { announced: 'the new key is announced', rewrapping: 'data keys are wrapped again', finished: 'done' }
  return [
    `Vault key  ${key.id} (${key.kind === 'aws-kms' ? 'AWS KMS' : 'local'})`,
    ...environments.map(({ name, generation, rotation }) =>
      rotation === null
        ? `${name}: key ${generation}, never rotated`
        : `${name}: key ${generation}, rotation: ${steps[rotation.step]}, ${rotation.rewrapped} data keys wrapped again, ${rotation.remaining} to go`,
    ),
  ]
}

async function rotate(options: RotateOptions, command: Command): Promise<void> {
  if (options.environmentKeys !== true && options.env !== undefined)
    throw new CommandFailure('--env goes with --environment-keys: the vault key is one for all environments.')
  if (options.environmentKeys === true && options.toFile === true)
    throw new CommandFailure('--to-file is about the vault key: leave --environment-keys out.')
  await withVault(command, async (store, config) => {
    const { json } = globalsOf(command)
    if (options.environmentKeys === true) {
      const done = await replaceEnvironmentKeys(store, { environment: options.env, onProgress: json ? () => {} : tellProgress() })
      print(json, done, done.flatMap(endOf))
      if (done.some(({ damaged }) => damaged.length > 0)) process.exitCode = 1
    } else {
      const replaced = await replaceVaultKey(config, store, options.toFile === true)
      print(json, replaced, nowDo(replaced))
    }
  })
}

function tellProgress(): (environment: string, progress: RotationProgress) => void {
  const told = new Map<string, string>()
  return (environment, { step, rewrapped, waitMs }) => {
    const line =
      step === 'waiting'
        ? `${environment}: waiting ${Math.ceil((waitMs ?? 0) / 1000)} s, until every server has the keys`
        : step === 'rewrapping'
          ? `${environment}: ${Math.floor(rewrapped / 10_000) * 10_000}+ data keys wrapped again`
          : `${environment}: ${step}`
    if (line !== told.get(environment)) process.stderr.write(`${line}\n`)
    told.set(environment, line)
  }
}

function endOf({ environment, rewrapped, damaged }: RotationProgress & { environment: string }): string[] {
  return [
    `${environment}: has a new key; ${rewrapped} data keys were wrapped again, and the former key is gone.`,
    ...damaged
      .slice(0, 100)
      .map((row) => `  ! ${row} does not open with any key (changed, or moved from another row); it was left as it is`),
  ]
}

function nowDo({ from, to, environments, kind, formerKeyFile }: NewKeyInPlace): string[] {
  return [
    `The keys of ${environments} environments are now wrapped by ${to} in place of ${from}.`,
    ...(kind === 'file'
      ? ['Keep a copy of the new vault.key apart from the database. Servers on this data directory use it already.']
      : [
          `Servers that run go on with what they have loaded. Restart them with ${kind === 'aws-kms' ? 'HAWSER_KMS_KEY' : 'HAWSER_ENCRYPTION_KEY'} set to the new key, before keys of environments are rotated.`,
        ]),
    `Backups of the database from before open with the former key alone: keep ${formerKeyFile ?? 'it'} as long as you keep them, apart from them, then destroy it.`,
  ]
}

/** What the key and its provider say is for whoever types the command; anything else keeps its stack. */
async function withVault(command: Command, work: (store: Store, config: Config) => Promise<void>): Promise<void> {
  await withStore(command, work).catch((error: unknown) => {
    const plain = error instanceof Error && (error.constructor === Error || 'code' in error)
    throw plain ? new CommandFailure(error.message) : error
  })
}
