import { randomUUID } from 'node:crypto'
import { mkdir, rename, stat } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import type { Command } from 'commander'
import { once } from 'node:events'
import type { Config } from '#config.ts'
import { systemClock } from '#lib/clock.ts'
import { backupBytes, SUFFIX, writePart, type PartFile } from '../../server/backup/backup-file.ts'
import type { BackupKey } from '../../server/backup/backup-key.ts'
import { nameAt, noteBackup, pruneBackups } from '../../server/backup/kept-backups.ts'
import type { BackupRecord } from '../../server/backup/records.ts'
import { takeBackup, type BackupSource } from '../../server/backup/take-backup.ts'
import { keyFileOf, vaultKeyAtHand } from '../../server/backup/vault-key-at-hand.ts'
import { verifyBackup, type Verification } from '../../server/backup/verify-backup.ts'
import { sealedColumns } from '../../server/sealed-places.ts'
import { CommandFailure, print } from '../output.ts'
import { globalsOf } from '../target.ts'
import { keyForBackup, keyForFile, keyPlaceOf, type KeyOptions } from './backup-passphrase.ts'
import { configBeside, programVersion, withDatabase } from './backup-database.ts'
import { sentencesOfVerification } from './backup-words.ts'

interface BackupOptions extends KeyOptions {
  out?: string
  dir?: string
  keep?: string
  includeVaultKey?: boolean
  verify: boolean
}

export function addBackup(program: Command): void {
  const backup = program
    .command('backup')
    .description('writes everything into one encrypted file, while the server runs, and tries it out')
    .option('--out <file>', `where to; - for standard output (default: ./hawser-<time>${SUFFIX})`)
    .option('--dir <folder>', 'a folder for backups that are named by their time')
    .option('--keep <n>', 'with --dir: removes older ones, once the new one is verified')
    .option('--passphrase-file <file>', 'the passphrase of the file (default: HAWSER_BACKUP_PASSPHRASE, or asked for)')
    .option('--with-vault-key', 'encrypts for the vault key (file, setting or AWS KMS) in place of a passphrase')
    .option('--include-vault-key', 'puts the vault key file inside: then file and passphrase are all that is needed, for a thief too')
    .option('--no-verify', 'does not restore the new backup for a try')
    .action((options: BackupOptions, command: Command) => makeBackup(options, command))
  backup
    .command('verify <file>')
    .description('reads a backup to its end, restores it into a database of its own, and opens a sample of its secrets')
    .option('--passphrase-file <file>', 'as above')
    .option('--read-only', 'reads the file, and restores nothing')
    .option('--vault-key-from <folder>', 'a data directory that holds the vault key')
    .action(verifyFile)
}

async function makeBackup(options: BackupOptions, command: Command): Promise<void> {
  const config = configBeside(command)
  const { json } = globalsOf(command)
  const keep = keepOf(options)
  if (options.includeVaultKey && options.withVaultKey)
    throw new CommandFailure('--include-vault-key needs a passphrase: a key cannot lie in the box that it opens.')
  const key = await keyForBackup(options, config).catch(inPlainWords)
  const now = new Date(systemClock.now())
  await withDatabase(config, async (url) => {
    const source: BackupSource = {
      ...{ url, dataDir: config.dataDir, program: programVersion(), now },
      keyFile: options.includeVaultKey ? (id) => keyFileOf(config.dataDir, id) : undefined,
    }
    if (options.out === '-') return toStandardOutput(source, key)
    const path = resolve(options.dir !== undefined ? join(options.dir, nameAt(now)) : (options.out ?? nameAt(now)))
    if (await stat(path).catch(() => undefined)) throw new CommandFailure(`${path} is there already.`)
    if (options.dir !== undefined) await mkdir(dirname(path), { recursive: true, mode: 0o700 })
    let vaultKey: string | undefined
    const records = noting(takeBackup(source), (id) => (vaultKey = id))
    const part = await writePart(path, backupBytes(records, key)).catch(inPlainWords)
    const verified = options.verify ? await verifiedOrAside(part, path, key, config) : undefined
    await part.publish()
    await noteBackup(config.dataDir, { file: path, createdAt: now.toISOString(), verified: verified !== undefined })
    const pruned = keep !== undefined && options.dir !== undefined ? await pruneBackups(options.dir, keep, now) : []
    print(json, { file: path, bytes: part.bytes, verified: verified !== undefined, verification: verified ?? null, pruned }, [
      `${path} (${megabytes(part.bytes)})`,
      ...(verified ? sentencesOfVerification(verified) : ['It was not tried out (--no-verify): hawser backup verify <file>']),
      ...toKeepBeside(key, options.includeVaultKey === true, vaultKey ?? ''),
      ...(pruned.length > 0 ? [`Removed: ${pruned.join(', ')}`] : []),
    ])
  })
}

async function* noting(records: AsyncIterable<BackupRecord>, note: (vaultKey: string | undefined) => void): AsyncGenerator<BackupRecord> {
  for await (const record of records) {
    if (record.kind === 'B') note(record.value.vaultKey)
    yield record
  }
}

/** A file that does not pass keeps a name that nobody takes for a backup. */
async function verifiedOrAside(part: PartFile, path: string, key: BackupKey, config: Config): Promise<Verification> {
  const aside = async (why: string): Promise<never> => {
    const name = `${path}.unverified-${randomUUID().slice(0, 8)}`
    await rename(part.path, name)
    throw new CommandFailure(
      `The backup was written, but did not pass its test: ${why}\nIt is ${name}. Do not rely on it. Older backups are untouched.`,
    )
  }
  const verified = await verifyBackup(part.path, verifyOptions(key, config, true)).catch((error: Error) => aside(error.message))
  if (verified.faults.length > 0) await aside(verified.faults.join('; '))
  return verified
}

function verifyOptions(key: BackupKey, config: Config, restore: boolean) {
  return { key, restore, vaultKey: (id: string) => vaultKeyAtHand(keyPlaceOf(config), id), sealedKinds: sealedColumns }
}

async function toStandardOutput(source: BackupSource, key: BackupKey): Promise<void> {
  if (process.stdout.isTTY) throw new CommandFailure('A backup is no text for a terminal: send it somewhere, like --out - > file')
  for await (const piece of backupBytes(takeBackup(source), key)) if (!process.stdout.write(piece)) await once(process.stdout, 'drain')
  process.stderr.write('Written to standard output, and not tried out: hawser backup verify <file>\n')
}

function toKeepBeside(key: BackupKey, included: boolean, id: string): string[] {
  if ('vaultKey' in key) return [`To use it you need the vault key ${id}, on any machine: it opens the file, and the secrets in it.`]
  if (included) return ['The vault key is inside: file and passphrase are all that is needed. Keep them apart.']
  return [
    `To use it you need the passphrase, and the vault key ${id} (vault.key, HAWSER_ENCRYPTION_KEY or HAWSER_KMS_KEY): keep copies apart from the file.`,
  ]
}

async function verifyFile(
  file: string,
  options: KeyOptions & { readOnly?: boolean; vaultKeyFrom?: string },
  command: Command,
): Promise<void> {
  const beside = configBeside(command)
  const config = options.vaultKeyFrom === undefined ? beside : { ...beside, dataDir: resolve(options.vaultKeyFrom) }
  const { json, ...globals } = globalsOf(command)
  // The option stands at `backup` too, which takes it first.
  const passphraseFile = (globals as KeyOptions).passphraseFile
  const key = await keyForFile(file, passphraseFile === undefined ? {} : { passphraseFile }, config).catch(inPlainWords)
  const verified = await verifyBackup(file, verifyOptions(key, config, options.readOnly !== true)).catch(inPlainWords)
  print(json, verified, sentencesOfVerification(verified))
  if (verified.faults.length > 0) process.exitCode = 1
}

function keepOf({ keep, dir }: BackupOptions): number | undefined {
  if (keep === undefined) return undefined
  if (dir === undefined) throw new CommandFailure('--keep goes with --dir <folder>.')
  if (!/^[1-9]\d{0,5}$/.test(keep)) throw new CommandFailure('--keep is a number of backups, 1 or more.')
  return Number(keep)
}

function megabytes(bytes: number): string {
  return bytes < 1_000_000 ? `${Math.ceil(bytes / 1000)} kB` : `${(bytes / 1_000_000).toFixed(1)} MB`
}

/** What the file, its key and PostgreSQL say is for whoever types the command. */
export function inPlainWords(error: unknown): never {
  throw error instanceof Error && !(error instanceof TypeError) ? new CommandFailure(error.message) : error
}
