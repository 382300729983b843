import { createSecretKey } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { chainRows, flawOf, GENESIS, type AuditEntry, type AuditRow } from './chain.ts'

const CHAIN = '01900000-0000-7000-8000-00000000000a'
const KEY = createSecretKey(Buffer.alloc(32, 7))
const ENVIRONMENT = '01900000-0000-7000-8000-00000000000b'

function entry(number: number): AuditEntry {
  return {
    environmentId: ENVIRONMENT,
    at: new Date(1_000 * number),
    actor: { kind: 'key', id: `k${number}` },
    action: 'credentials.read',
    subject: { number },
    count: 1,
  }
}

const chainOf = (length: number): AuditRow[] =>
  chainRows(
    KEY,
    CHAIN,
    GENESIS,
    Array.from({ length }, (_, i) => entry(i)),
  )

/** The first row with a flaw. */
function verifyChain(rows: readonly AuditRow[], key = KEY): number | undefined {
  let before = rows[0] && rows[0].seq > 1 ? { seq: rows[0].seq - 1, hash: rows[0].previousHash } : GENESIS
  for (const row of rows) {
    if (flawOf(key, before, row)) return row.seq
    before = row
  }
  return undefined
}

describe('flawOf', () => {
  it('accepts a whole chain, a continued one, a part, and nothing', () => {
    const rows = chainOf(5)
    expect(rows.map((row) => row.seq)).toEqual([1, 2, 3, 4, 5])
    expect(verifyChain(rows)).toBeUndefined()
    expect(verifyChain([...rows, ...chainRows(KEY, CHAIN, rows[4]!, [entry(9)])])).toBeUndefined()
    expect(verifyChain(rows.slice(2))).toBeUndefined()
    expect(verifyChain([])).toBeUndefined()
  })

  it('34. finds any altered field, in any row', () => {
    const changes: ((row: AuditRow) => Partial<AuditRow>)[] = [
      () => ({ environmentId: CHAIN }),
      (row) => ({ at: new Date(row.at.getTime() + 1) }),
      () => ({ actor: { kind: 'key', id: 'somebody else' } }),
      () => ({ action: 'credentials.used' }),
      () => ({ subject: {} }),
      () => ({ count: 2 }),
      () => ({ chain: ENVIRONMENT }),
      (row) => ({ previousHash: Buffer.from(row.previousHash.map((byte) => byte ^ 1)) }),
      (row) => ({ hash: Buffer.from(row.hash.map((byte) => byte ^ 1)) }),
    ]
    fc.assert(
      fc.property(fc.nat(5), fc.constantFrom(...changes), (at, change) => {
        const rows = chainOf(6)
        rows[at] = { ...rows[at]!, ...change(rows[at]!) }
        expect(verifyChain(rows)).toBe(at + 1)
      }),
    )
  })

  it('34. finds missing, doubled, swapped and foreign rows', () => {
    const rows = chainOf(5)
    expect(verifyChain(rows.toSpliced(2, 1))).toBe(4)
    expect(verifyChain(rows.toSpliced(2, 0, rows[1]!))).toBe(2)
    expect(verifyChain(rows.with(1, rows[2]!).with(2, rows[1]!))).toBe(3)
    const forged = chainRows(KEY, CHAIN, { seq: 2, hash: Buffer.alloc(32) }, [entry(2)])
    expect(verifyChain(rows.with(2, forged[0]!))).toBe(3)
    expect(verifyChain(chainRows(KEY, CHAIN, { seq: 0, hash: Buffer.alloc(32, 1) }, [entry(0)]))).toBe(1)
  })

  it('does not depend on the order of keys, nor on what jsonb would change', () => {
    const [row] = chainRows(KEY, CHAIN, GENESIS, [{ ...entry(1), actor: { kind: 'key', id: 'a\0b\ud800', gone: undefined } }])
    expect(row!.actor).toEqual({ kind: 'key', id: 'ab\ufffd' })
    expect(verifyChain([{ ...row!, actor: { id: 'ab\ufffd', kind: 'key' } }])).toBeUndefined()
  })

  it('34. a chain that was computed anew without the key does not pass', () => {
    const other = createSecretKey(Buffer.alloc(32, 8))
    expect(verifyChain(chainRows(other, CHAIN, GENESIS, [entry(0), entry(1)]))).toBe(1)
  })
})
