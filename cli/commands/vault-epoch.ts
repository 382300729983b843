import { createInterface } from 'node:readline/promises'
import type { Command } from 'commander'
import type { Config } from '#config.ts'
import { frozenWords } from '#freeze/frozen-words.ts'
import { joinVault, takeOverVault, vaultReport } from '#freeze/take-over.ts'
import { systemClock } from '#lib/clock.ts'
import { PRODUCT } from '#lib/product.ts'
import type { Store } from '../../server/open-store.ts'
import { CommandFailure, print } from '../output.ts'
import { withStore } from '../with-store.ts'
import { globalsOf } from '../target.ts'

/** Which database may be refreshed from, and what to do when a server says that its vault is frozen. */
export function addVaultEpoch(program: Command): void {
  const vault = program.commands.find((each) => each.name() === 'vault') ?? program.command('vault').description('the vault of credentials')
  vault
    .command('epoch')
    .description('shows the epoch of the database, and whether this data directory belongs to it')
    .action((_options: unknown, command: Command) => withStore(command, (store, config) => show(store, config, command)))
  vault
    .command('take-over')
    .description('lets this database go on after it was restored, copied or moved: all servers that knew it before freeze')
    .option('--yes', 'do not ask')
    .action((options: { yes?: boolean }, command: Command) =>
      withStore(command, (store, config) => takeOver(store, config, command, options.yes === true)),
    )
  vault
    .command('join')
    .description('lets this data directory belong to the database as it is: a further server, or one after a take-over')
    .action((_options: unknown, command: Command) => withStore(command, (store, config) => join(store, config, command)))
}

async function show(store: Store, config: Config, command: Command): Promise<void> {
  const found = await vaultReport(store.db, config.dataDir, config.vaultEpoch)
  if (!found) throw new CommandFailure('This database has no vault yet: start the server first.')
  const { epoch, generation, seenAt, frozen } = found
  const words = frozen && frozenWords[frozen]
  print(globalsOf(command).json, { epoch, generation, seen_at: seenAt.toISOString(), frozen: frozen ?? null }, [
    epoch,
    ...(words ? ['', `Frozen for this data directory: ${words.cause}`, ...words.fix.map((step) => `  → ${step}`)] : []),
  ])
}

async function takeOver(store: Store, config: Config, command: Command, yes: boolean): Promise<void> {
  const before = await vaultReport(store.db, config.dataDir, config.vaultEpoch)
  const name = nameOf(config)
  if (!yes) await confirm(name, before && ageOf(before.seenAt.getTime()))
  const { epoch } = await takeOverVault(store.db, config.dataDir)
  print(globalsOf(command).json, { epoch, data_dir: config.dataDir }, [
    `This database goes on, as epoch ${epoch}.`,
    'Servers on this data directory go on by themselves. Others on this database are frozen by now:',
    '  on each: npm run hawser -- vault join   (or HAWSER_VAULT_EPOCH set to the epoch above)',
    'A server on another copy of the database cannot be told: stop it, or it will use up refresh tokens that this one needs.',
  ])
}

async function confirm(name: string, lastSeen: string | undefined): Promise<void> {
  if (!process.stdin.isTTY) throw new CommandFailure('Say --yes to take over without being asked.')
  const ask = createInterface({ input: process.stdin, output: process.stderr })
  try {
    process.stderr.write(
      `From now on this database is the one that refreshes. If a server runs on another copy, stop that one first:\n` +
        `otherwise providers see the same refresh token twice, and end the grant for both.\n` +
        `${lastSeen === undefined ? '' : `A server was last up on this database ${lastSeen}.\n`}`,
    )
    const typed = await ask.question(`Type the name of this installation (${name}) to go on: `)
    if (typed.trim() !== name) throw new CommandFailure('Nothing was changed.')
  } finally {
    ask.close()
  }
}

async function join(store: Store, config: Config, command: Command): Promise<void> {
  const row = await joinVault(store.db, config.dataDir)
  if (!row) throw new CommandFailure(`${frozenWords.moved.cause} ${frozenWords.moved.fix.join(' ')}`)
  print(globalsOf(command).json, { epoch: row.epoch, data_dir: config.dataDir }, `${config.dataDir} belongs to epoch ${row.epoch} now.`)
}

/** What people call it: the host of its public URL. */
function nameOf(config: Config): string {
  return URL.canParse(config.publicUrl) ? new URL(config.publicUrl).host : PRODUCT.toLowerCase()
}

function ageOf(at: number): string {
  const minutes = Math.round((systemClock.now() - at) / 60_000)
  return minutes < 2 ? 'within the last two minutes' : `${minutes} minutes ago`
}
