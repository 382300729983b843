import type { KeyObject } from 'node:crypto'
import { createCipheriv, createDecipheriv, createSecretKey, randomBytes } from 'node:crypto'

// Layout: version (1) | nonce (12) | ciphertext | tag (16). AES-256-GCM with random nonces is safe for 2^32 messages a key
// (NIST SP 800-38D, 8.3): a data key seals its row's versions only, an environment key seals data keys only.
const VERSION = 1
const NONCE_START = 1
const NONCE_BYTES = 12
const CIPHERTEXT_START = NONCE_START + NONCE_BYTES
const TAG_BYTES = 16
const ALGORITHM = 'aes-256-gcm'

export const KEY_BYTES = 32

/** Sealed bytes are this much longer than the plaintext. */
export const SEAL_OVERHEAD = CIPHERTEXT_START + TAG_BYTES

/** The bytes were not sealed with this key and this label, or were changed. Says nothing more on purpose. */
export class CannotOpen extends Error {
  readonly code = 'ERR_CANNOT_OPEN'
  override readonly name = 'CannotOpen'
  constructor(message = 'the sealed value does not open: wrong key, wrong row, or changed bytes') {
    super(message)
  }
}

/** Wrapped by a key that this process does not have (yet): it asks for its keys again, so the next try may succeed. */
export class UnknownKey extends CannotOpen {}

// Raw bytes as a cipher's key cost 10 µs on Node 24, a KeyObject made of them 2 µs with its making.
const keyObjectOf = (key: KeyObject | Buffer): KeyObject => (Buffer.isBuffer(key) ? createSecretKey(key) : key)

export const newDataKey = (): Buffer => randomBytes(KEY_BYTES)

/** Seals under a 32-byte key; `aad` must be given again, unchanged, to open. */
export const seal = (key: KeyObject | Buffer, aad: string, plaintext: Buffer | string): Buffer => {
  const nonce = randomBytes(NONCE_BYTES)
  const cipher = createCipheriv(ALGORITHM, keyObjectOf(key), nonce, { authTagLength: TAG_BYTES })
  cipher.setAAD(Buffer.from(aad))
  const ciphertext = typeof plaintext === 'string' ? cipher.update(plaintext, 'utf8') : cipher.update(plaintext)
  cipher.final() // returns nothing in a stream mode, but the tag exists only after it
  const sealed = Buffer.allocUnsafeSlow(ciphertext.length + SEAL_OVERHEAD)
  sealed[0] = VERSION
  nonce.copy(sealed, NONCE_START)
  ciphertext.copy(sealed, CIPHERTEXT_START)
  cipher.getAuthTag().copy(sealed, CIPHERTEXT_START + ciphertext.length)
  return sealed
}

/** @throws CannotOpen */
export const open = (key: KeyObject | Buffer, aad: string, sealed: Buffer): Buffer => {
  if (sealed.length < SEAL_OVERHEAD || sealed[0] !== VERSION) throw new CannotOpen()
  const tagStart = sealed.length - TAG_BYTES
  // authTagLength is fixed: else Node accepts shorter tags, which are forged in 2^(8·length) tries (DEP0182).
  const decipher = createDecipheriv(ALGORITHM, keyObjectOf(key), sealed.subarray(NONCE_START, CIPHERTEXT_START), {
    authTagLength: TAG_BYTES,
  })
  decipher.setAAD(Buffer.from(aad))
  decipher.setAuthTag(sealed.subarray(tagStart))
  const plaintext = decipher.update(sealed.subarray(CIPHERTEXT_START, tagStart))
  try {
    decipher.final()
  } catch {
    plaintext.fill(0)
    throw new CannotOpen()
  }
  return plaintext
}
