import type { KeyObject } from 'node:crypto'
import { createHmac, createSecretKey } from 'node:crypto'
import { UnknownKey, newDataKey, open, seal } from './envelope.ts'
import { createEnvironmentKeys, type EnvironmentKeys, type EnvironmentKeysOptions } from './environment-keys.ts'
import { readDataKey, writeDataKey } from './generation.ts'

export type SealedRow = { data_key: Buffer; ciphertext: Buffer }

export type VaultOptions = EnvironmentKeysOptions

/**
 * `label` is the logical place (`grant`, `oauth-client`), never a table's or column's name, so that a renamed table stays readable;
 * `rowId` is the row's id. Both are authenticated: a ciphertext that was moved to another row does not open.
 * All but `ready` are synchronous and need `await ready(environmentId)` first; without it they throw a plain Error.
 */
export type Vault = {
  /** Loads the environment's key, or makes it on first use. One load for concurrent callers; nothing to wait for when warm. */
  ready: (environmentId: string) => Promise<void>
  isReady: (environmentId: string) => boolean
  /** A new data key for a new row. */
  sealNew: (environmentId: string, label: string, rowId: string, plaintext: Buffer | string) => SealedRow
  /** A new value under the row's own data key. */
  sealWith: (environmentId: string, data_key: Buffer, label: string, rowId: string, plaintext: Buffer | string) => Buffer
  /** @throws CannotOpen */
  openSealed: (environmentId: string, data_key: Buffer, ciphertext: Buffer, label: string, rowId: string) => Buffer
  /** The data key wrapped by the environment's current key; undefined if it is already. The value under it stays as it is. @throws CannotOpen */
  rewrap: (environmentId: string, data_key: Buffer, label: string, rowId: string) => Buffer | undefined
  /** 32 bytes, the same for the same value in the same environment, on every node: to find equal secrets without storing them. */
  fingerprint: (environmentId: string, value: string) => Buffer
  /** Drops the environment's key from memory (after its deletion). */
  forget: (environmentId: string) => void
}

// A label without a colon keeps `label:row` unambiguous.
const LABEL = /^[a-z][a-z0-9_-]{0,63}$/
const rowAad = (label: string, rowId: string): string => {
  if (!LABEL.test(label) || rowId === '')
    throw new Error('vault: a label is lower-case letters, digits and dashes; the row id is not empty')
  return `${label}:${rowId}`
}

const dataKeyAad = (aad: string): string => `data-key:${aad}`

const wrappedBy = ({ wrapping, current }: EnvironmentKeys, aad: string, dataKey: Buffer): Buffer =>
  writeDataKey({ generation: current, sealed: seal(wrapping.get(current)!, dataKeyAad(aad), dataKey) })

/** @throws CannotOpen; UnknownKey, after which the next `ready` asks for the environment's keys */
const unwrapped = (keys: EnvironmentKeys, data_key: Buffer, aad: string): Buffer => {
  const { generation, sealed } = readDataKey(data_key)
  const key = keys.wrapping.get(generation)
  if (!key) {
    Object.assign(keys, { confirmedAt: -Infinity, askedAt: -Infinity, unanswered: false })
    throw new UnknownKey(`the sealed value does not open: its environment has no key of generation ${generation}`)
  }
  return open(key, dataKeyAad(aad), sealed)
}

export const createVault = (options: VaultOptions): Vault => {
  const { ready, isReady, keysOf, forget } = createEnvironmentKeys(options)

  /** @throws CannotOpen */
  const dataKeyOf = (environmentId: string, data_key: Buffer, aad: string): KeyObject => {
    const keys = keysOf(environmentId)
    const { dataKeys } = keys
    const known = dataKeys.get(data_key)
    if (known?.aad === aad) return known.key
    const plain = unwrapped(keys, data_key, aad)
    const key = createSecretKey(plain)
    plain.fill(0)
    dataKeys.set(data_key, { aad, key })
    return key
  }

  return {
    ready,
    isReady,
    sealNew: (environmentId, label, rowId, plaintext) => {
      const aad = rowAad(label, rowId)
      const dataKey = newDataKey()
      const data_key = wrappedBy(keysOf(environmentId), aad, dataKey)
      const ciphertext = seal(dataKey, aad, plaintext)
      dataKey.fill(0)
      return { data_key, ciphertext }
    },
    sealWith: (environmentId, data_key, label, rowId, plaintext) => {
      const aad = rowAad(label, rowId)
      return seal(dataKeyOf(environmentId, data_key, aad), aad, plaintext)
    },
    openSealed: (environmentId, data_key, ciphertext, label, rowId) => {
      const aad = rowAad(label, rowId)
      return open(dataKeyOf(environmentId, data_key, aad), aad, ciphertext)
    },
    rewrap: (environmentId, data_key, label, rowId) => {
      const aad = rowAad(label, rowId)
      const keys = keysOf(environmentId)
      if (readDataKey(data_key).generation === keys.current) return undefined
      const plain = unwrapped(keys, data_key, aad)
      const again = wrappedBy(keys, aad, plain)
      plain.fill(0)
      return again
    },
    fingerprint: (environmentId, value) => createHmac('sha256', keysOf(environmentId).fingerprinting).update(value).digest(),
    forget,
  }
}
