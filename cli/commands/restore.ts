import { join } from 'node:path'
import type { Command } from 'commander'
import type { Config } from '#config.ts'
import { reveal } from '#lib/secret.ts'
import { openBackup } from '../../server/backup/backup-file.ts'
import { openSample, type SampleResult } from '../../server/backup/open-sample.ts'
import { restoreDataDir } from '../../server/backup/restore-data-dir.ts'
import { restoreDatabase, type Restored } from '../../server/backup/restore-database.ts'
import { presentVaultKey, vaultKeyAtHand, type KeyAtHand } from '../../server/backup/vault-key-at-hand.ts'
import { sealedColumns } from '../../server/sealed-places.ts'
import { print } from '../output.ts'
import { globalsOf } from '../target.ts'
import { inPlainWords } from './backup.ts'
import { configBeside } from './backup-database.ts'
import { keyForFile, keyPlaceOf, type KeyOptions } from './backup-passphrase.ts'

interface RestoreOptions extends KeyOptions {
  vaultKeyFrom?: string
}

/** What is in place after a restore. */
interface Outcome {
  restored: Restored
  sample: SampleResult | undefined
  key: KeyAtHand
  /** A server on this data directory, with these settings, would find the right vault key. */
  keyInPlace: boolean
}

export function addRestore(program: Command): void {
  program
    .command('restore <file>')
    .description('puts a backup into a new data directory (--data-dir), or into an empty DATABASE_URL; the vault starts frozen')
    .option('--passphrase-file <file>', 'the passphrase of the file (default: HAWSER_BACKUP_PASSPHRASE, or asked for)')
    .option('--vault-key-from <folder>', 'a data directory that holds the vault key, if it is not in the settings')
    .action(restore)
}

async function restore(file: string, options: RestoreOptions, command: Command): Promise<void> {
  const config = configBeside(command)
  const keysIn: Config = options.vaultKeyFrom === undefined ? config : { ...config, dataDir: options.vaultKeyFrom }
  const key = await keyForFile(file, options, keysIn).catch(inPlainWords)
  const records = () => openBackup(file, key)
  const outcome = await (config.databaseUrl ? intoDatabase(config, keysIn, records) : intoDataDir(config, keysIn, records)).catch(
    inPlainWords,
  )
  const { beginning, summary, migrated, keptFiles } = outcome.restored
  const faults = outcome.sample?.faults ?? []
  print(
    globalsOf(command).json,
    {
      data_dir: config.dataDir,
      beginning,
      summary,
      migrated,
      kept_files: keptFiles,
      sample: outcome.sample ?? null,
      vault_key: beginning.vaultKey ?? null,
      vault_key_in_place: outcome.keyInPlace,
      vault: 'frozen',
    },
    sentencesOf(config, outcome),
  )
  if (faults.length > 0) process.exitCode = 1
}

async function intoDatabase(config: Config, keysIn: Config, records: () => ReturnType<typeof openBackup>): Promise<Outcome> {
  const url = reveal(config.databaseUrl!)
  const restored = await restoreDatabase(records(), url, config.dataDir)
  return tried(restored, { url, dataDir: config.dataDir }, [config, keysIn])
}

async function intoDataDir(config: Config, keysIn: Config, records: () => ReturnType<typeof openBackup>): Promise<Outcome> {
  const { result } = await restoreDataDir(records, config.dataDir, (restored, place) =>
    tried(restored, place, [{ ...config, dataDir: place.dataDir }, keysIn]),
  )
  return result
}

async function tried(restored: Restored, place: { url: string; dataDir: string }, configs: Config[]): Promise<Outcome> {
  const id = restored.beginning.vaultKey
  let key: KeyAtHand = { provider: undefined, found: [] }
  for (const config of configs) {
    if (key.provider || id === undefined) break
    const next = await vaultKeyAtHand(keyPlaceOf(config), id)
    key = { provider: next.provider, found: [...new Set([...key.found, ...next.found])] }
  }
  const sample = key.provider && (await openSample(place.url, place.dataDir, key.provider, sealedColumns))
  const keyInPlace = (await presentVaultKey(keyPlaceOf(configs[0]!)))?.id === id
  return { restored, sample, key, keyInPlace }
}

function sentencesOf(config: Config, { restored, sample, key, keyInPlace }: Outcome): string[] {
  const { beginning, summary, migrated, keptFiles } = restored
  const rows = summary.tables.reduce((sum, table) => sum + table.rows, 0)
  const found = key.found.length > 0 ? ` (here is ${key.found.join(', ')}, which does not open it)` : ''
  return [
    `Restored: ${rows} rows, ${summary.jobs} jobs, as of ${beginning.createdAt}${migrated.length > 0 ? `; migrated up by ${migrated.join(', ')}` : ''}.`,
    ...(keptFiles.length > 0 ? [`${keptFiles.length} files of the data directory were there already, and stayed.`] : []),
    ...(sample
      ? [`The vault key opens it: ${sample.opened.join(', ') || 'nothing is stored'}; audit trail of ${sample.auditRows} rows looked at.`]
      : []),
    ...(sample?.faults ?? []).map((fault) => `WRONG: ${fault}`),
    '',
    'The vault is frozen: a server serves what works, and refreshes, revokes and sends nothing. To go on with it:',
    ...(keyInPlace
      ? []
      : [
          `  → The vault key ${beginning.vaultKey ?? ''} is missing${found}. Bring it: as ${join(config.dataDir, 'vault.key')} (mode 0600), HAWSER_ENCRYPTION_KEY or HAWSER_KMS_KEY.`,
          '    After a rotation the former key is vault.key.<its name>.old in the data directory that it was rotated in. Without it no secret in here can be read.',
        ]),
    '  → Stop every server that runs on the original, for good: two copies that refresh end the grants of both.',
    `  → npm run hawser -- vault take-over --data-dir ${config.dataDir}`,
    '  → Start the server. Tokens in the spool are put back before anything is refreshed.',
    'For a copy to look at: start it, and leave it frozen.',
  ]
}
