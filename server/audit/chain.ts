import { createHmac, type KeyObject } from 'node:crypto'

/** What happened, before it has a place in a chain. Hold ids in `subject`, no personal data: an altered row breaks the chain (see persons.ts). */
export interface AuditEntry {
  environmentId: string
  at: Date
  actor: Record<string, unknown>
  /** `<thing>.<what was done>` */
  action: string
  subject: Record<string, unknown>
  /** How often, where several uses make one row. */
  count: number
}

export interface AuditRow extends AuditEntry {
  chain: string
  /** From 1, without gaps. */
  seq: number
  previousHash: Buffer
  hash: Buffer
}

export interface Head {
  seq: number
  hash: Buffer
}

/** The hash "before" the first row. */
export const GENESIS: Head = { seq: 0, hash: Buffer.alloc(32) }

/** Gives entries their place after `head`. Their values are brought into the form in which the database gives them back. */
export function chainRows(key: KeyObject, chain: string, head: Head, entries: readonly AuditEntry[]): AuditRow[] {
  const rows: AuditRow[] = []
  let { seq, hash: previousHash } = head
  for (const entry of entries) {
    seq += 1
    const row = { ...entry, actor: storable(entry.actor), subject: storable(entry.subject), chain, seq, previousHash }
    const hash = hashOf(key, row)
    rows.push({ ...row, hash })
    previousHash = hash
  }
  return rows
}

/** What does not fit about a row that should follow `before`; undefined if all does. `before` is GENESIS, or the row before as it is stored. */
export function flawOf(key: KeyObject, before: Head, row: AuditRow): 'altered' | 'gap' | 'unlinked' | undefined {
  if (!row.hash.equals(hashOf(key, row))) return 'altered'
  if (row.seq !== before.seq + 1) return 'gap'
  return row.previousHash.equals(before.hash) ? undefined : 'unlinked'
}

/**
 * HMAC-SHA-256 of the hash before and the row's canonical JSON. With a key that the database does not hold in the clear: a plain hash could be
 * computed anew for all rows by whoever may write to the database.
 */
function hashOf(key: KeyObject, row: Omit<AuditRow, 'hash'>): Buffer {
  const { chain, seq, environmentId, at, actor, action, subject, count } = row
  const canonical = JSON.stringify([chain, seq, environmentId, at.toISOString(), actor, action, subject, count], inOrder)
  return createHmac('sha256', key).update(row.previousHash).update(canonical).digest()
}

/** jsonb gives keys back in an order of its own. */
function inOrder(_key: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)))
}

/** As it comes back from jsonb, which refuses NUL and lone surrogates and knows no `undefined`. */
function storable(value: Record<string, unknown>): Record<string, unknown> {
  const clean = (_key: string, part: unknown) => (typeof part === 'string' ? part.toWellFormed().replaceAll('\0', '') : part)
  return JSON.parse(JSON.stringify(value, clean)) as Record<string, unknown>
}
