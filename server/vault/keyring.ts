/**
 * What `environment.wrapped_key` holds once it is unwrapped: an environment's keys. One as a rule; while they are rotated, two, of which `current`
 * wraps and both unwrap. All in one column, so that a change is one guarded UPDATE and opening it is one call to the key provider.
 */
import assert from 'node:assert'
import { hkdfSync } from 'node:crypto'
import { KEY_BYTES } from './envelope.ts'

export interface Keyring {
  /** The key that wraps new data keys, by its generation: 1, 2, … */
  current: number
  /** By generation, 32 bytes each. */
  keys: Map<number, Buffer>
  /**
   * Of `vault.fingerprint`. It stays when the keys change: the fingerprints of all refresh tokens would have to be computed anew at once. What it
   * can tell whoever has it, and the database, is whether a refresh token that he already has is stored there.
   */
  fingerprinting: Buffer
}

// Layout of one that was ever rotated: format (1) | current (4) | fingerprinting key (32) | n × (generation (4) | key (32)).
// The first key of an environment stands alone, 32 bytes.
const FORMAT = 2
const GENERATION_BYTES = 4
const HEAD_BYTES = 1 + GENERATION_BYTES + KEY_BYTES
const ENTRY_BYTES = GENERATION_BYTES + KEY_BYTES
/** More at once means rotations that were never finished; and a key service wraps 4096 bytes at most (AWS KMS, Encrypt: V, API reference). */
const MOST_KEYS = 4

/** Throws a plain Error for bytes that are no keyring: it was authenticated before, so they were written by another release. */
export function readKeyring(plain: Buffer): Keyring {
  if (plain.length === KEY_BYTES) {
    const key = Buffer.from(plain)
    return {
      current: 1,
      keys: new Map([[1, key]]),
      fingerprinting: Buffer.from(hkdfSync('sha256', key, '', 'hawser fingerprint v1', KEY_BYTES)),
    }
  }
  const count = (plain.length - HEAD_BYTES) / ENTRY_BYTES
  if (plain[0] !== FORMAT || !Number.isInteger(count) || count < 1 || count > MOST_KEYS)
    throw new Error('vault: an environment’s keys are in a format that this release does not know')
  const keys = new Map<number, Buffer>()
  for (let at = HEAD_BYTES; at < plain.length; at += ENTRY_BYTES)
    keys.set(plain.readUInt32BE(at), Buffer.from(plain.subarray(at + GENERATION_BYTES, at + ENTRY_BYTES)))
  const current = plain.readUInt32BE(1)
  if (!keys.has(current)) throw new Error('vault: an environment’s keys lack the current one')
  return { current, keys, fingerprinting: Buffer.from(plain.subarray(1 + GENERATION_BYTES, HEAD_BYTES)) }
}

export function writeKeyring({ current, keys, fingerprinting }: Keyring): Buffer {
  assert(keys.has(current) && keys.size <= MOST_KEYS && fingerprinting.length === KEY_BYTES, 'vault: not a keyring')
  const head = Buffer.alloc(HEAD_BYTES)
  head[0] = FORMAT
  head.writeUInt32BE(current, 1)
  fingerprinting.copy(head, 1 + GENERATION_BYTES)
  const entries = [...keys].map(([generation, key]) => {
    const entry = Buffer.alloc(ENTRY_BYTES)
    entry.writeUInt32BE(generation, 0)
    key.copy(entry, GENERATION_BYTES)
    return entry
  })
  return Buffer.concat([head, ...entries])
}

export function wipe({ keys, fingerprinting }: Keyring): void {
  for (const key of keys.values()) key.fill(0)
  fingerprinting.fill(0)
}
