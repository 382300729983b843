import type { KeyObject } from 'node:crypto'
import { createHmac, createSecretKey, hkdfSync } from 'node:crypto'
import assert from 'node:assert'
import { createLru } from '#lib/lru.ts'
import type { KeyProvider } from './key-provider.ts'
import { KEY_BYTES, newDataKey, open, seal } from './envelope.ts'

export type SealedRow = { data_key: Buffer; ciphertext: Buffer }

export type VaultOptions = {
  keyProvider: KeyProvider
  loadWrappedKey: (environmentId: string) => Promise<Buffer | null>
  /** Stores the key only if the environment has none yet, and returns the one that is stored afterwards: two nodes may race. */
  saveWrappedKey: (environmentId: string, wrapped: Buffer) => Promise<Buffer>
  /** Environments whose keys stay in memory; more are loaded again when asked for. */
  maxEnvironments?: number
}

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
  /** 32 bytes, the same for the same value in the same environment, on every node: to find equal secrets without storing them. */
  fingerprint: (environmentId: string, value: string) => Buffer
  /** Drops the environment's key from memory (after its deletion). */
  forget: (environmentId: string) => void
}

type EnvironmentKeys = { wrapping: KeyObject; fingerprinting: KeyObject; dataKeys: DataKeys }

/**
 * Unwrapped data keys of rows that are in memory, by the row's own buffer: unwrapping costs as much as opening, and a cached row is opened by every
 * call. The key that unwraps them is in memory anyway, so nothing becomes readable here that was not; they go with their row, and with that key.
 * An entry serves only the place (`aad`) that it was unwrapped for.
 */
type DataKeys = WeakMap<Buffer, { aad: string; key: KeyObject }>

const environmentKeyAad = (environmentId: string): string => `environment-key:${environmentId}`

// A label without a colon keeps `label:row` unambiguous.
const LABEL = /^[a-z][a-z0-9_-]{0,63}$/
const rowAad = (label: string, rowId: string): string => {
  if (!LABEL.test(label) || rowId === '')
    throw new Error('vault: a label is lower-case letters, digits and dashes; the row id is not empty')
  return `${label}:${rowId}`
}

const deriveKeys = (plain: Buffer): EnvironmentKeys => {
  assert(plain.length === KEY_BYTES, 'vault: an environment key has 32 bytes')
  const fingerprinting = Buffer.from(hkdfSync('sha256', plain, '', 'hawser fingerprint v1', KEY_BYTES))
  const keys = { wrapping: createSecretKey(plain), fingerprinting: createSecretKey(fingerprinting), dataKeys: new WeakMap() }
  plain.fill(0)
  fingerprinting.fill(0)
  return keys
}

export const createVault = (options: VaultOptions): Vault => {
  const { keyProvider, loadWrappedKey, saveWrappedKey, maxEnvironments = 10_000 } = options
  const loaded = createLru<string, EnvironmentKeys>({ maxEntries: maxEnvironments })
  const loading = new Map<string, Promise<void>>()

  const makeKey = async (environmentId: string): Promise<Buffer> => {
    const plain = newDataKey()
    const wrapped = await keyProvider.wrap(plain, environmentKeyAad(environmentId))
    plain.fill(0)
    return saveWrappedKey(environmentId, wrapped)
  }

  const load = async (environmentId: string): Promise<void> => {
    const wrapped = (await loadWrappedKey(environmentId)) ?? (await makeKey(environmentId))
    loaded.set(environmentId, deriveKeys(await keyProvider.unwrap(wrapped, environmentKeyAad(environmentId))))
  }

  const keysOf = (environmentId: string): EnvironmentKeys => {
    const keys = loaded.get(environmentId)
    if (keys === undefined) throw new Error(`vault: await ready('${environmentId}') first`)
    return keys
  }

  /** @throws CannotOpen */
  const dataKeyOf = (environmentId: string, data_key: Buffer, aad: string): KeyObject => {
    const { wrapping, dataKeys } = keysOf(environmentId)
    const known = dataKeys.get(data_key)
    if (known?.aad === aad) return known.key
    const plain = open(wrapping, `data-key:${aad}`, data_key)
    const key = createSecretKey(plain)
    plain.fill(0)
    dataKeys.set(data_key, { aad, key })
    return key
  }

  return {
    ready: (environmentId) => {
      if (loaded.get(environmentId) !== undefined) return Promise.resolve()
      const underWay = loading.get(environmentId)
      if (underWay) return underWay
      const started = load(environmentId).finally(() => loading.delete(environmentId))
      loading.set(environmentId, started)
      return started
    },
    isReady: (environmentId) => loaded.get(environmentId) !== undefined,
    sealNew: (environmentId, label, rowId, plaintext) => {
      const aad = rowAad(label, rowId)
      const dataKey = newDataKey()
      const data_key = seal(keysOf(environmentId).wrapping, `data-key:${aad}`, dataKey)
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
    fingerprint: (environmentId, value) => createHmac('sha256', keysOf(environmentId).fingerprinting).update(value).digest(),
    forget: (environmentId) => void loaded.delete(environmentId),
  }
}
