/** The key of one backup file: from a passphrase, or random and wrapped by the vault key. Never the vault key itself. */
import { createHash, hkdfSync, randomBytes, scrypt, timingSafeEqual } from 'node:crypto'
import { z } from 'zod'
import type { KeyProvider } from '#vault/key-provider.ts'
import { WrongVaultKey } from '#vault/key-provider.ts'
import { CannotOpen, KEY_BYTES } from '#vault/envelope.ts'
import { DamagedBackup, WrongBackupKey } from './damaged.ts'

/** 128 MiB and about half a second a guess: OWASP Password Storage Cheat Sheet, scrypt, the strongest of its settings (N = 2^17, r = 8, p = 1). */
export const SCRYPT = { logN: 17, r: 8, p: 1 }
/** A forged header must not make a restore take all memory: 2^20 × 8 is 1 GiB. */
const MOST_LOG_N = 20
const SALT_BYTES = 32
const CHECK_BYTES = 16

export const keyHeader = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('passphrase'),
    salt: z.base64().length(44),
    logN: z.int().min(1).max(MOST_LOG_N),
    r: z.literal(8),
    p: z.literal(1),
  }),
  z.strictObject({ kind: z.literal('vault-key'), id: z.string().max(300), file: z.base64().length(44), wrapped: z.base64().max(8_192) }),
])
export type KeyHeader = z.output<typeof keyHeader>

/** What opens a backup. */
export type BackupKey = { passphrase: string; logN?: number } | { vaultKey: KeyProvider }

export interface FileKey {
  header: KeyHeader
  secret: Buffer
}

/** A key that no other file has. */
export async function newFileKey(key: BackupKey): Promise<FileKey> {
  const random = randomBytes(SALT_BYTES)
  if ('passphrase' in key) {
    const header = { kind: 'passphrase', salt: random.toString('base64'), ...SCRYPT, logN: key.logN ?? SCRYPT.logN, r: 8, p: 1 } as const
    return { header, secret: await fromPassphrase(key.passphrase, header) }
  }
  const secret = randomBytes(KEY_BYTES)
  const wrapped = await key.vaultKey.wrap(secret, aadOf(random.toString('base64')))
  const header = { kind: 'vault-key', id: key.vaultKey.id, file: random.toString('base64'), wrapped: wrapped.toString('base64') } as const
  return { header, secret }
}

/** Throws WrongBackupKey when the file was made with a key of the other kind, or wrapped by another vault key. */
export async function fileKeyOf(header: KeyHeader, key: BackupKey): Promise<Buffer> {
  if (header.kind === 'passphrase') {
    if ('passphrase' in key) return fromPassphrase(key.passphrase, header)
    throw new WrongBackupKey('this backup opens with a passphrase: HAWSER_BACKUP_PASSPHRASE, or --passphrase-file')
  }
  if (!('vaultKey' in key)) throw new WrongBackupKey(needsVaultKey(header.id))
  try {
    return await key.vaultKey.unwrap(Buffer.from(header.wrapped, 'base64'), aadOf(header.file))
  } catch (error) {
    if (error instanceof WrongVaultKey) throw new WrongBackupKey(`${needsVaultKey(header.id)}; the one that is here is ${key.vaultKey.id}`)
    if (error instanceof CannotOpen) throw new DamagedBackup('the beginning of the file was changed: its wrapped key does not open')
    throw error
  }
}

/** Keys for the content, and to tell a wrong passphrase from changed bytes. The whole header is bound to both. */
export function derivedKeys(secret: Buffer, header: Buffer): { content: Buffer; check: Buffer } {
  const salt = createHash('sha256').update(header).digest()
  const derive = (purpose: string, bytes: number) => Buffer.from(hkdfSync('sha256', secret, salt, `hawser backup ${purpose} v1`, bytes))
  return { content: derive('content', KEY_BYTES), check: derive('check', CHECK_BYTES) }
}

export { CHECK_BYTES }

export function isSame(one: Buffer, other: Buffer): boolean {
  return one.length === other.length && timingSafeEqual(one, other)
}

function needsVaultKey(id: string): string {
  return `this backup opens with the vault key ${id}, which it was written under (after a rotation the former key is vault.key.<its name>.old)`
}

const aadOf = (file: string) => `backup key ${file}`

function fromPassphrase(passphrase: string, { salt, logN, r, p }: KeyHeader & { kind: 'passphrase' }): Promise<Buffer> {
  const N = 2 ** logN
  return new Promise((resolve, reject) => {
    scrypt(passphrase.normalize('NFC'), Buffer.from(salt, 'base64'), KEY_BYTES, { N, r, p, maxmem: 128 * r * (N + p + 16) }, (error, key) =>
      error ? reject(error) : resolve(key),
    )
  })
}
