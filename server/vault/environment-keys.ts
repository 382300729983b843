/** The environments' keys in memory: loaded once, and asked for again in good time, since somebody may be rotating them. */
import { createSecretKey, type KeyObject } from 'node:crypto'
import { createLru } from '#lib/lru.ts'
import { newDataKey } from './envelope.ts'
import type { KeyProvider } from './key-provider.ts'
import { readKeyring, wipe } from './keyring.ts'

export type EnvironmentKeysOptions = {
  keyProvider: KeyProvider
  loadWrappedKey: (environmentId: string) => Promise<Buffer | null>
  /** Stores the key only if the environment has none yet, and returns the one that is stored afterwards: two nodes may race. */
  saveWrappedKey: (environmentId: string, wrapped: Buffer) => Promise<Buffer>
  /** Environments whose keys stay in memory; more are loaded again when asked for. */
  maxEnvironments?: number
  /** How long keys are used without asking the database whether they were rotated; default `STALE_AFTER_MS`. */
  staleAfterMs?: number
  /** Tests: ms of a clock that only runs forward. */
  now?: () => number
}

/**
 * A rotation relies on it: whoever announces a new key waits longer than this before anything is wrapped with it, and by then every process has the
 * key. Asking is one statement an environment, in the background from a third of this time on.
 */
export const STALE_AFTER_MS = 30_000
/** Longest wait for that question: the database may be away, and what is loaded goes on. */
const CONFIRM_TIMEOUT_MS = 1_000

export interface EnvironmentKeys {
  /** By generation. Retired ones stay while the process lives: rows that it has in memory may be wrapped by them. */
  wrapping: Map<number, KeyObject>
  current: number
  fingerprinting: KeyObject
  dataKeys: DataKeys
  /** As the database had it at `confirmedAt`. */
  wrapped: Buffer
  confirmedAt: number
  /** When the database was asked last, whatever came of it. */
  askedAt: number
  asking: Promise<void> | undefined
  /** The last question got no answer, or none in time: nobody waits for the next ones until one is answered. */
  unanswered: boolean
}

/**
 * Unwrapped data keys of rows that are in memory, by the row's own buffer: unwrapping costs as much as opening, and a cached row is opened by every
 * call. The key that unwraps them is in memory anyway, so nothing becomes readable here that was not; they go with their row, and with that key.
 * An entry serves only the place (`aad`) that it was unwrapped for.
 */
export type DataKeys = WeakMap<Buffer, { aad: string; key: KeyObject }>

/** What binds a wrapped key to its environment. */
export const environmentKeyAad = (environmentId: string): string => `environment-key:${environmentId}`

/** Adds what the unwrapped bytes hold to what is loaded, and wipes them. */
const take = (plain: Buffer, into: Pick<EnvironmentKeys, 'wrapping'>): Pick<EnvironmentKeys, 'wrapping' | 'current' | 'fingerprinting'> => {
  const keyring = readKeyring(plain)
  for (const [generation, key] of keyring.keys) into.wrapping.set(generation, createSecretKey(key))
  const taken = { wrapping: into.wrapping, current: keyring.current, fingerprinting: createSecretKey(keyring.fingerprinting) }
  wipe(keyring)
  plain.fill(0)
  return taken
}

const within = async (work: Promise<void>, ms: number): Promise<boolean> => {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(resolve, ms, false)
  })
  const answered = await Promise.race([work.then(() => true), late])
  clearTimeout(timer)
  return answered
}

export interface EnvironmentKeysInMemory {
  ready: (environmentId: string) => Promise<void>
  isReady: (environmentId: string) => boolean
  /** Throws a plain Error without `ready`. */
  keysOf: (environmentId: string) => EnvironmentKeys
  forget: (environmentId: string) => void
}

export const createEnvironmentKeys = (options: EnvironmentKeysOptions): EnvironmentKeysInMemory => {
  const { keyProvider, loadWrappedKey, saveWrappedKey, maxEnvironments = 10_000, staleAfterMs = STALE_AFTER_MS } = options
  const now = options.now ?? (() => performance.now())
  const loaded = createLru<string, EnvironmentKeys>({ maxEntries: maxEnvironments })
  const loading = new Map<string, Promise<void>>()

  const makeKey = async (environmentId: string): Promise<Buffer> => {
    const plain = newDataKey()
    const wrapped = await keyProvider.wrap(plain, environmentKeyAad(environmentId))
    plain.fill(0)
    return saveWrappedKey(environmentId, wrapped)
  }

  const load = async (environmentId: string): Promise<void> => {
    const at = now()
    const wrapped = (await loadWrappedKey(environmentId)) ?? (await makeKey(environmentId))
    const taken = take(await keyProvider.unwrap(wrapped, environmentKeyAad(environmentId)), { wrapping: new Map() })
    loaded.set(environmentId, {
      ...taken,
      dataKeys: new WeakMap(),
      wrapped,
      confirmedAt: at,
      askedAt: at,
      asking: undefined,
      unanswered: false,
    })
  }

  /** Never rejects: a database that is away, a key service that is down, or a vault key that was replaced leave what is loaded in use. */
  const confirm = async (environmentId: string, keys: EnvironmentKeys): Promise<void> => {
    const at = (keys.askedAt = now())
    try {
      const wrapped = await loadWrappedKey(environmentId)
      if (wrapped !== null && !wrapped.equals(keys.wrapped)) {
        Object.assign(keys, take(await keyProvider.unwrap(wrapped, environmentKeyAad(environmentId)), keys))
        keys.wrapped = wrapped
      }
      keys.confirmedAt = at
      keys.unanswered = false
    } catch {
      keys.unanswered = true
    }
    keys.asking = undefined
  }

  /** Undefined when the loaded keys may be used at once; asks in good time whether they still are the environment's. */
  const confirmed = (environmentId: string, keys: EnvironmentKeys): Promise<void> | undefined => {
    const at = now()
    if (at - keys.confirmedAt < staleAfterMs / 3) return undefined
    if (!keys.asking && at - keys.askedAt >= staleAfterMs / 3) keys.asking = confirm(environmentId, keys)
    if (at - keys.confirmedAt < staleAfterMs || keys.asking === undefined || keys.unanswered) return undefined
    return within(keys.asking, CONFIRM_TIMEOUT_MS).then((answered) => {
      if (!answered) keys.unanswered = true
    })
  }

  const keysOf = (environmentId: string): EnvironmentKeys => {
    const keys = loaded.get(environmentId)
    if (keys === undefined) throw new Error(`vault: await ready('${environmentId}') first`)
    return keys
  }

  return {
    ready: (environmentId) => {
      const keys = loaded.get(environmentId)
      if (keys !== undefined) return confirmed(environmentId, keys) ?? Promise.resolve()
      const underWay = loading.get(environmentId)
      if (underWay) return underWay
      const started = load(environmentId).finally(() => loading.delete(environmentId))
      loading.set(environmentId, started)
      return started
    },
    isReady: (environmentId) => {
      const keys = loaded.get(environmentId)
      return keys !== undefined && confirmed(environmentId, keys) === undefined
    },
    keysOf,
    forget: (environmentId) => void loaded.delete(environmentId),
  }
}
