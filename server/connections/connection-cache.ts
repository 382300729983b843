import { fail, Failure } from '@hawser/api/errors.ts'
import type { Bus } from '#bus/bus.ts'
import type { Clock } from '#lib/clock.ts'
import { createLru } from '#lib/lru.ts'
import type { LiveConnection, StoredGrant } from './connection.ts'
import { createEntryIndex } from './entry-index.ts'
import { isDatabaseAway } from './database-away.ts'

const MAX_BYTES = 64 * 1024 * 1024
const MAX_ENTRIES = 100_000
const REVALIDATE_AFTER_MS = 30_000
/** While the database is away, an old entry asks for it this often, however many calls it serves. */
const ASK_AGAIN_AFTER_MS = 1_000
/** Rows whose change makes an entry wrong: the triggers announce them by these names. */
const TOPICS = ['connection', 'grant', 'integration', 'oauth_client'] as const

/** How an entry is found: by the names that callers use, or by the connection's uuid. */
export type Address = { integrationKey: string; connectionId: string } | { uuid: string }

export interface ConnectionCache {
  /** Not a promise when warm. Throws what `load` throws, and `credentials_unavailable` if the database is away and nothing recent is here. */
  find(environmentId: string, address: Address): LiveConnection | Promise<LiveConnection>
  /** The entry of the same connection, if there is one: perhaps newer than what the caller holds. */
  newest(live: LiveConnection): LiveConnection
  /** From the database, whatever is cached. */
  reload(live: LiveConnection): Promise<LiveConnection>
  /** A newer grant, known before the database announces it. */
  putGrant(grant: StoredGrant): void
  /** Drops what refers to the row: a connection's, grant's, integration's or client's uuid. */
  drop(rowId: string): void
  close(): void
  readonly bytes: number
}

interface Entry {
  live: LiveConnection
  bytes: number
  loadedAt: number
  askedAt: number
  /** Announcements may have been missed since it was loaded. */
  doubtful: boolean
  /** The database did not answer a moment ago: until then nobody waits for it again. */
  restUntil: number
}

interface Loading {
  promise: Promise<LiveConnection>
  /** Rows that changed while the SELECT was under way: its answer may be older than they are. */
  changed: Set<string>
  doubtful: boolean
}

export interface CacheOptions {
  /** One SELECT. Throws `unknown_provider_config`, `unknown_connection`, or the database's error. */
  load(environmentId: string, address: Address): Promise<LiveConnection>
  clock: Clock
  bus: Bus
  /** How long an entry is served while the database is away. */
  maxStaleMs: number
  maxBytes?: number
}

/**
 * Ciphertext only. An entry older than 30 s is served and asked for again in the background; one that is older than `maxStaleMs`, or that may have
 * missed an announcement, is asked for first, and served only if the database is away and it is not older than `maxStaleMs`.
 */
export function createConnectionCache(options: CacheOptions): ConnectionCache {
  const { clock, bus, maxStaleMs } = options
  const index = createEntryIndex()
  const entries = createLru<string, Entry>({
    maxEntries: MAX_ENTRIES,
    maxBytes: options.maxBytes ?? MAX_BYTES,
    sizeOf: (entry) => entry.bytes,
    onEvict: (entry) => index.remove(entry.live),
  })
  const loadings = new Map<string, Loading>()

  const dropEntry = (uuid: string) => {
    const entry = entries.get(uuid)
    if (!entry) return
    entries.delete(uuid)
    index.remove(entry.live)
  }

  const put = (live: LiveConnection) => {
    dropEntry(live.connection.id)
    const now = clock.now()
    if (entries.set(live.connection.id, { live, bytes: sizeOf(live), loadedAt: now, askedAt: now, doubtful: false, restUntil: 0 }))
      index.add(live)
  }

  const load = (environmentId: string, address: Address): Promise<LiveConnection> => {
    const name = loadingName(environmentId, address)
    const underWay = loadings.get(name)
    if (underWay) return underWay.promise
    const loading: Loading = { promise: undefined as never, changed: new Set(), doubtful: false }
    loading.promise = options
      .load(environmentId, address)
      .then((live) => {
        if (!loading.doubtful && !index.rowsOf(live).some((row) => loading.changed.has(row))) put(live)
        return live
      })
      .finally(() => {
        if (loadings.get(name) === loading) loadings.delete(name)
      })
    loadings.set(name, loading)
    return loading.promise
  }

  const loadOrServe = async (environmentId: string, address: Address, entry: Entry | undefined): Promise<LiveConnection> => {
    try {
      return await load(environmentId, address)
    } catch (error) {
      if (error instanceof Failure) {
        if (entry && isGone(error)) dropEntry(entry.live.connection.id)
        throw error
      }
      if (!isDatabaseAway(error)) throw error
      const now = clock.now()
      if (entry && now - entry.loadedAt < maxStaleMs) {
        entry.restUntil = now + ASK_AGAIN_AFTER_MS
        return entry.live
      }
      throw fail('credentials_unavailable', { internal: 'the database does not answer', cause: error })
    }
  }

  const revalidate = (environmentId: string, address: Address, entry: Entry, now: number) => {
    entry.askedAt = now
    loadOrServe(environmentId, address, entry).catch(() => {}) // its next caller hears of it
  }

  const drop = (rowId: string) => {
    for (const loading of loadings.values()) loading.changed.add(rowId)
    for (const uuid of index.entriesOf(rowId)) dropEntry(uuid)
  }

  const doubtAll = () => {
    for (const loading of loadings.values()) loading.doubtful = true
    loadings.clear()
    for (const entry of entries.values()) entry.doubtful = true
  }

  const stops = [...TOPICS.map((topic) => bus.on(topic, drop)), bus.onGap(doubtAll)]

  return {
    find(environmentId, address) {
      const uuid = 'uuid' in address ? address.uuid : index.uuidOf(environmentId, address.integrationKey, address.connectionId)
      const entry = uuid === undefined ? undefined : entries.get(uuid)
      if (!entry || entry.live.connection.environmentId !== environmentId) return loadOrServe(environmentId, address, undefined)
      const now = clock.now()
      const age = now - entry.loadedAt
      if ((entry.doubtful && now >= entry.restUntil) || age >= maxStaleMs) return loadOrServe(environmentId, address, entry)
      if (age >= REVALIDATE_AFTER_MS && now - entry.askedAt >= ASK_AGAIN_AFTER_MS) revalidate(environmentId, address, entry, now)
      return entry.live
    },
    newest: (live) => entries.get(live.connection.id)?.live ?? live,
    async reload(live) {
      const { environmentId, id } = live.connection
      loadings.delete(loadingName(environmentId, { uuid: id })) // one that began earlier may answer with what was before
      return load(environmentId, { uuid: id })
    },
    putGrant(grant) {
      for (const uuid of index.entriesOf(grant.id)) {
        const entry = entries.get(uuid)
        if (entry?.live.grant && entry.live.grant.version <= grant.version) entry.live = { ...entry.live, grant }
      }
    },
    drop,
    close: () => stops.forEach((stop) => stop()),
    get bytes() {
      return entries.bytes
    },
  }
}

function loadingName(environmentId: string, address: Address): string {
  return 'uuid' in address ? `${environmentId}\n${address.uuid}` : `${environmentId}\n${address.integrationKey}\n${address.connectionId}`
}

function isGone(failure: Failure): boolean {
  return failure.code === 'unknown_connection' || failure.code === 'unknown_provider_config'
}

/** Roughly what an entry takes: objects and short strings by a flat sum, what callers can make large by its length. */
function sizeOf(live: LiveConnection): number {
  const { connection, integration, grant } = live
  const json = JSON.stringify([connection.metadata, connection.connectionConfig, connection.tags, connection.endUser, integration.scopes])
  return (
    3_000 + 2 * json.length + (grant ? grant.sealed.length + grant.dataKey.length + 2 * JSON.stringify(grant.failure ?? null).length : 0)
  )
}
