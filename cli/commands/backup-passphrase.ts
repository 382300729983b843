/** What opens a backup, from options, environment or keyboard. */
import { createInterface } from 'node:readline/promises'
import { Writable } from 'node:stream'
import type { Config } from '#config.ts'
import { reveal } from '#lib/secret.ts'
import type { KeyPlace } from '#vault/vault-key.ts'
import type { BackupKey, KeyHeader } from '../../server/backup/backup-key.ts'
import { fileBytes } from '../../server/backup/backup-file.ts'
import { keyHeaderOf } from '../../server/backup/container.ts'
import { assertStrong, givenPassphrase } from '../../server/backup/passphrase.ts'
import { presentVaultKey, vaultKeyAtHand } from '../../server/backup/vault-key-at-hand.ts'
import { CommandFailure } from '../output.ts'

export interface KeyOptions {
  passphraseFile?: string
  withVaultKey?: boolean
}

export function keyPlaceOf(config: Config): KeyPlace {
  return { dataDir: config.dataDir, encryptionKey: config.encryptionKey && reveal(config.encryptionKey), kmsKey: config.kmsKey }
}

/** For a new backup. */
export async function keyForBackup(options: KeyOptions, config: Config): Promise<BackupKey> {
  if (options.withVaultKey) {
    if (options.passphraseFile !== undefined) throw new CommandFailure('--with-vault-key and --passphrase-file are two ways: choose one.')
    const vaultKey = await presentVaultKey(keyPlaceOf(config))
    if (!vaultKey) throw new CommandFailure(`There is no vault key in ${config.dataDir} yet: start the server first.`)
    return { vaultKey }
  }
  const passphrase = (await givenPassphrase(options.passphraseFile, process.env)) ?? (await typed('Passphrase of the backup: ', true))
  assertStrong(passphrase)
  return { passphrase }
}

/** For a file that is there. `vaultKeyFile`: where a vault key lies besides. */
export async function keyForFile(path: string, options: KeyOptions, config: Config): Promise<BackupKey> {
  const header: KeyHeader = await keyHeaderOf(fileBytes(path))
  if (header.kind === 'passphrase')
    return {
      passphrase: (await givenPassphrase(options.passphraseFile, process.env)) ?? (await typed('Passphrase of the backup: ', false)),
    }
  const { provider, found } = await vaultKeyAtHand(keyPlaceOf(config), header.id)
  if (provider) return { vaultKey: provider }
  const here = found.length > 0 ? `; here is ${found.join(', ')}` : ''
  throw new CommandFailure(
    `This backup opens with the vault key ${header.id}, which is not here${here}. Set HAWSER_ENCRYPTION_KEY or HAWSER_KMS_KEY to it, or name the ` +
      `data directory that holds it with --vault-key-from (after a rotation as vault.key.<its name>.old).`,
  )
}

async function typed(question: string, twice: boolean): Promise<string> {
  if (!process.stdin.isTTY)
    throw new CommandFailure(
      'Give the passphrase by HAWSER_BACKUP_PASSPHRASE or --passphrase-file (or, for a new backup, say --with-vault-key).',
    )
  const first = await hidden(question)
  if (twice && (await hidden('Once more: ')) !== first) throw new CommandFailure('They differ. Nothing was written.')
  return first
}

async function hidden(question: string): Promise<string> {
  process.stderr.write(question)
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() })
  const ask = createInterface({ input: process.stdin, output: silent, terminal: true })
  try {
    return await ask.question('')
  } finally {
    ask.close()
    process.stderr.write('\n')
  }
}
