import { PERSON } from '#http/principal.ts'
import type { AuditEntry } from './chain.ts'

export const MAX_COUNTERS = 100_000
const MINUTE_MS = 60_000
const MOST_ADDRESSES = 8

/** One call through the proxy. */
export interface Use {
  keyId: string
  environmentId: string
  connectionId: string
  /** HTTP method. */
  method: string
  /** Of the caller, as trusted proxies say it. */
  address: string
}

interface Counter {
  environmentId: string
  /** Undefined: counted for the environment alone, since there was no room for more. */
  keyId: string | undefined
  connectionId: string | undefined
  /** Whether the methods are safe ones (RFC 9110 §9.2.1): calls that ask to change nothing. */
  safe: boolean
  minute: number
  count: number
  addresses: string[]
  moreAddresses: boolean
}

export interface UseCounters {
  count(use: Use, nowMs: number): void
  /** Empties the counters. */
  take(): Counter[]
  readonly size: number
}

const SAFE = new Set(['GET', 'HEAD', 'OPTIONS', 'PROPFIND', 'REPORT', 'SEARCH'])

/** Uses per key, connection, minute and kind of method. Beyond `limit` counters a use is still counted, but only for its environment. */
export function createUseCounters(limit = MAX_COUNTERS): UseCounters {
  let counters = new Map<string, Counter>()

  const counterOf = ({ keyId, environmentId, connectionId, method }: Use, minute: number): Counter => {
    const safe = SAFE.has(method)
    const id = `${minute}/${keyId}/${connectionId}/${safe}`
    const known = counters.get(id)
    if (known) return known
    const full = counters.size >= limit
    const wholeId = full ? environmentId : id
    const whole = full ? counters.get(wholeId) : undefined
    if (whole) return whole
    const names = full ? { keyId: undefined, connectionId: undefined, minute: 0 } : { keyId, connectionId, minute }
    const made = { environmentId, safe, ...names, count: 0, addresses: [], moreAddresses: false }
    counters.set(wholeId, made)
    return made
  }

  return {
    count(use, nowMs) {
      const counter = counterOf(use, Math.floor(nowMs / MINUTE_MS))
      counter.count += 1
      if (counter.addresses.includes(use.address)) return
      if (counter.addresses.length < MOST_ADDRESSES) counter.addresses.push(use.address)
      else counter.moreAddresses = true
    },
    take() {
      const taken = [...counters.values()]
      counters = new Map()
      return taken
    },
    get size() {
      return counters.size
    },
  }
}

/** `at` is the time of the flush; `subject.minute` the minute of the calls, absent where that detail was lost. */
export function entryOfUse(
  { environmentId, keyId, connectionId, safe, minute, count, addresses, moreAddresses }: Counter,
  now: number,
): AuditEntry {
  const from = { addresses, ...(moreAddresses ? { more_addresses: true } : {}) }
  const subject =
    keyId === undefined
      ? { detail: 'lost', ...from }
      : { connection: connectionId, methods: safe ? 'safe' : 'unsafe', minute: new Date(minute * MINUTE_MS).toISOString(), ...from }
  const actor = keyId === undefined ? { kind: 'key' } : userOf(keyId)
  return { environmentId, at: new Date(now), actor, action: 'credentials.used', subject, count }
}

/** A token may have been made by a person in place of a key. */
function userOf(keyId: string): { kind: string; id: string } {
  return keyId.startsWith(PERSON) ? { kind: 'person', id: keyId.slice(PERSON.length) } : { kind: 'key', id: keyId }
}
