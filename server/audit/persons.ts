import { createHmac, randomBytes } from 'node:crypto'
import { createLru } from '#lib/lru.ts'

/** What a row may say of a natural person, an end user as a rule. */
export interface Person {
  environmentId: string
  endUserId: string | undefined
  /** From where a browser called. Addresses of servers that call with a key are no secret of a person's and stand in the row itself. */
  address: string | undefined
}

/** A row of `audit_person`. */
export interface PersonRow extends Person {
  digest: Buffer
  salt: Buffer
  createdAt: Date
  /** Committed by this process. */
  stored: boolean
}

const MOST_KNOWN = 20_000
/** After an erasure by another node, rows about the same person may carry the erased digest for as long. */
export const DIGEST_LIFE_MS = 86_400_000

export interface Persons {
  /** What stands for the person in rows: the same within a day and process. */
  rowOf(person: Person, nowMs: number): PersonRow
  forget(): void
}

/**
 * Persons by salted digest: who has the audit's row but not the salt cannot try names against it, so that erasing the salt leaves a pseudonym. Every
 * process and day salts anew, which needs no agreement between nodes, and lets nobody follow an erased person beyond a day.
 */
export function createPersons(): Persons {
  const known = createLru<string, PersonRow>({ maxEntries: MOST_KNOWN })
  return {
    rowOf(person, nowMs) {
      const name = canonical(person)
      const found = known.get(name)
      if (found && nowMs - found.createdAt.getTime() < DIGEST_LIFE_MS) return found
      const salt = randomBytes(32)
      const made = { ...person, salt, digest: digestWith(salt, person), createdAt: new Date(nowMs), stored: false }
      known.set(name, made)
      return made
    },
    forget: () => known.clear(),
  }
}

export function digestWith(salt: Buffer, person: Person): Buffer {
  return createHmac('sha256', salt).update(canonical(person)).digest()
}

function canonical({ environmentId, endUserId, address }: Person): string {
  return JSON.stringify([environmentId, endUserId ?? null, address ?? null])
}
