export type LruOptions<V> = {
  maxEntries: number
  /** Together with `sizeOf`: the sum of the entries' sizes never exceeds it. Left out: no bound by size. */
  maxBytes?: number
  sizeOf?: (value: V) => number
  /** Entries older than this are not returned and are dropped when met. Left out: entries do not age. */
  ttlMs?: number
  now?: () => number
  /** Called for entries that were pushed out by newer ones, not for `set` over a key, `delete`, `clear` or age. */
  onEvict?: (value: V) => void
}

export type Stamped<V> = { value: V; storedAt: number }

export type Lru<K, V> = {
  get: (key: K) => V | undefined
  /** As `get`, with the time (ms of the `now` clock) of the last `set`: for callers that revalidate before the end of life. */
  getStamped: (key: K) => Stamped<V> | undefined
  /** Makes the key the most recent one. Returns false, and keeps nothing under the key, if the value alone is over `maxBytes`. */
  set: (key: K, value: V) => boolean
  delete: (key: K) => boolean
  clear: () => void
  values: () => IterableIterator<V>
  readonly size: number
  readonly bytes: number
}

type Entry<V> = { value: V; storedAt: number; bytes: number }

/** Least recently used out first; every operation O(1): a Map iterates in the order of insertion, and a hit re-inserts. */
export const createLru = <K, V>(options: LruOptions<V>): Lru<K, V> => {
  const { maxEntries, maxBytes = Infinity, sizeOf = () => 0, ttlMs = Infinity, now = Date.now, onEvict } = options
  if (!(maxEntries >= 1)) throw new RangeError('maxEntries must be at least 1')
  const entries = new Map<K, Entry<V>>()
  let bytes = 0
  let newest: K | undefined

  const remove = (key: K): Entry<V> | undefined => {
    const entry = entries.get(key)
    if (entry === undefined) return undefined
    entries.delete(key)
    bytes -= entry.bytes
    return entry
  }

  const getStamped = (key: K): Stamped<V> | undefined => {
    const entry = entries.get(key)
    if (entry === undefined) return undefined
    if (now() - entry.storedAt >= ttlMs) {
      remove(key)
      return undefined
    }
    if (key === newest) return entry
    entries.delete(key)
    entries.set(key, entry)
    newest = key
    return entry
  }

  const set = (key: K, value: V): boolean => {
    remove(key)
    const size = sizeOf(value)
    if (size > maxBytes) return false
    entries.set(key, { value, storedAt: now(), bytes: size })
    bytes += size
    newest = key
    for (const oldest of entries.keys()) {
      if (entries.size <= maxEntries && bytes <= maxBytes) break
      const evicted = remove(oldest)
      if (evicted) onEvict?.(evicted.value)
    }
    return true
  }

  return {
    get: (key) => getStamped(key)?.value,
    getStamped,
    set,
    delete: (key) => remove(key) !== undefined,
    clear: () => {
      entries.clear()
      bytes = 0
    },
    *values() {
      for (const entry of entries.values()) yield entry.value
    },
    get size() {
      return entries.size
    },
    get bytes() {
      return bytes
    },
  }
}
