import { createHash } from 'node:crypto'

/** What happened, before it has a place in a chain. Hold ids in `subject`, no personal data: an altered row breaks the chain. */
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
export function chainRows(chain: string, head: Head, entries: readonly AuditEntry[]): AuditRow[] {
  const rows: AuditRow[] = []
  let { seq, hash: previousHash } = head
  for (const entry of entries) {
    seq += 1
    const row = { ...entry, actor: storable(entry.actor), subject: storable(entry.subject), chain, seq, previousHash }
    const hash = hashOf(row)
    rows.push({ ...row, hash })
    previousHash = hash
  }
  return rows
}

/**
 * The `seq` of the first row that does not fit: altered, or after a missing one. Undefined if all do. `rows` are of one chain, in the order of
 * `seq`; a part of a chain may begin anywhere. Rows cut off the end do not show here, but in the heads that other chains hold (`audit.anchor`).
 */
export function verifyChain(rows: readonly AuditRow[]): number | undefined {
  let before: Head | undefined
  for (const row of rows) {
    const expected = before ?? (row.seq === 1 ? GENESIS : { seq: row.seq - 1, hash: row.previousHash })
    if (row.seq !== expected.seq + 1 || !row.previousHash.equals(expected.hash) || !row.hash.equals(hashOf(row))) return row.seq
    before = row
  }
  return undefined
}

/** SHA-256 of the hash before and the row's canonical JSON. */
function hashOf(row: Omit<AuditRow, 'hash'>): Buffer {
  const { chain, seq, environmentId, at, actor, action, subject, count } = row
  const canonical = JSON.stringify([chain, seq, environmentId, at.toISOString(), actor, action, subject, count], inOrder)
  return createHash('sha256').update(row.previousHash).update(canonical).digest()
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
