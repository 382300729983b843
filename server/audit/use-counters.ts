import { PERSON } from '#http/principal.ts'
import type { AuditEntry } from './chain.ts'
import type { PersonRow } from './persons.ts'

export const MAX_COUNTERS = 100_000
export const MINUTE_MS = 60_000
const MOST_ADDRESSES = 8
const SAFE = new Set(['GET', 'HEAD', 'OPTIONS', 'PROPFIND', 'REPORT', 'SEARCH'])

/** One call with a connection's credentials. */
export interface Use {
  environmentId: string
  /** Undefined: there is none behind the credentials any more. */
  connectionId: string | undefined
  /** HTTP method. */
  method: string
  /** Whose account it is. */
  endUserId?: string | undefined
}

/** Through the proxy. */
export interface KeyUse extends Use {
  keyId: string
  /** Of the caller, as trusted proxies say it. */
  address: string
}

/** By the server itself, for a job of its own. */
export interface OwnUse extends Use {
  /** As in the actor's id `system:<job>`: refresh, org-check … */
  job: string
}

/** What was counted, in the form that can be kept and read again: a row is made of nothing else. */
export interface Counted {
  environmentId: string
  actorKind: 'key' | 'person' | 'system'
  /** Undefined: counted for the environment alone, since there was no room for more. */
  actorId: string | undefined
  connectionId: string | undefined
  count: number
  /** How many of them asked to change something, by their method (RFC 9110 §9.2.1). */
  unsafe: number
  addresses: readonly string[]
  moreAddresses: boolean
  /** Digest of whose account it is, in hex. */
  person: string | undefined
}

export interface Counter extends Counted {
  /** Its place among the minute's counters. */
  readonly number: number
  addresses: string[]
  /** To be named by `person` once the database has it. */
  personRow: PersonRow | undefined
  /** As the disk has it; undefined: not at all. */
  kept: Counted | undefined
}

export interface UseCounters {
  /** Minutes since 1970. */
  readonly minute: number
  count(use: KeyUse | OwnUse): void
  /** Those that the disk does not have as they are, in the order of their numbers. */
  unkept(): Counter[]
  /** In the order of their numbers. */
  readonly all: readonly Counter[]
}

export interface CountersOptions {
  minute: number
  personOf: (use: Use) => PersonRow | undefined
  /** Beyond that many a use is still counted, but only for its environment. */
  limit?: number
}

/** One minute's uses per key, or job, and connection. */
export function createUseCounters({ minute, personOf, limit = MAX_COUNTERS }: CountersOptions): UseCounters {
  const counters = new Map<string, Counter>()
  const all: Counter[] = []

  const added = (id: string, names: Pick<Counter, 'environmentId' | 'actorKind' | 'actorId' | 'connectionId' | 'personRow'>): Counter => {
    const nothing = { count: 0, unsafe: 0, addresses: [], moreAddresses: false, person: undefined, kept: undefined }
    const made: Counter = { ...names, ...nothing, number: all.length }
    counters.set(id, made)
    all.push(made)
    return made
  }

  const counterOf = (use: KeyUse | OwnUse): Counter => {
    const [actorKind, actorId] = actorOfUse(use)
    const { environmentId, connectionId } = use
    const id = `${actorId}/${connectionId}`
    const known = counters.get(id)
    if (known) return known
    if (all.length < limit) return added(id, { environmentId, actorKind, actorId, connectionId, personRow: personOf(use) })
    const wholeId = `${actorKind} of ${environmentId}`
    const nameless = { actorId: undefined, connectionId: undefined, personRow: undefined }
    return counters.get(wholeId) ?? added(wholeId, { environmentId, actorKind, ...nameless })
  }

  return {
    minute,
    count(use) {
      const counter = counterOf(use)
      counter.count += 1
      if (!SAFE.has(use.method)) counter.unsafe += 1
      if (!('address' in use) || counter.addresses.includes(use.address)) return
      if (counter.addresses.length < MOST_ADDRESSES) counter.addresses.push(use.address)
      else counter.moreAddresses = true
    },
    unkept: () =>
      all.filter(({ kept, count, personRow, person }) => kept?.count !== count || (personRow?.stored === true && person === undefined)),
    all,
  }
}

/** What the disk does not have yet, as something to be counted for itself. */
export function restOf(counter: Counter): Counted | undefined {
  const { kept } = counter
  if (!kept) return counter
  if (kept.count === counter.count) return undefined
  return { ...counter, count: counter.count - kept.count, unsafe: counter.unsafe - kept.unsafe }
}

/** `at` is the beginning of the minute: the same, whoever makes the row and when. */
export function entryOfUse(counted: Counted, minute: number): AuditEntry {
  const { environmentId, actorKind, actorId, connectionId, count, unsafe, addresses, moreAddresses, person } = counted
  return {
    environmentId,
    at: new Date(minute * MINUTE_MS),
    actor: actorId === undefined ? { kind: actorKind } : { kind: actorKind, id: actorId },
    action: 'credentials.used',
    subject: {
      ...(actorId === undefined ? { detail: 'lost' } : {}),
      ...(connectionId === undefined ? {} : { connection: connectionId }),
      ...(unsafe > 0 ? { unsafe } : {}),
      ...(addresses.length > 0 ? { addresses: [...addresses] } : {}),
      ...(moreAddresses ? { more_addresses: true } : {}),
      ...(person === undefined ? {} : { person }),
    },
    count,
  }
}

function actorOfUse(use: KeyUse | OwnUse): [Counted['actorKind'], string] {
  if (!('keyId' in use)) return ['system', `system:${use.job}`]
  // A token may have been made by a person in place of a key.
  return use.keyId.startsWith(PERSON) ? ['person', use.keyId.slice(PERSON.length)] : ['key', use.keyId]
}
