import fc from 'fast-check'
import { describe, expect, it, vi } from 'vitest'
import { createLru } from './lru.ts'

describe('createLru', () => {
  it('pushes out the entry that was not used for longest', () => {
    const lru = createLru<string, number>({ maxEntries: 2 })
    lru.set('a', 1)
    lru.set('b', 2)
    lru.get('a')
    lru.set('c', 3)
    expect([lru.get('a'), lru.get('b'), lru.get('c')]).toEqual([1, undefined, 3])
  })

  it('keeps the sum of sizes under its bound', () => {
    const lru = createLru<string, string>({ maxEntries: 100, maxBytes: 10, sizeOf: (value) => value.length })
    lru.set('a', '1234')
    lru.set('b', '1234')
    lru.set('c', '1234')
    expect(lru.bytes).toBe(8)
    expect(lru.get('a')).toBeUndefined()
  })

  it('does not keep a value that is larger than the whole, nor the one it would have replaced', () => {
    const lru = createLru<string, string>({ maxEntries: 100, maxBytes: 10, sizeOf: (value) => value.length })
    lru.set('a', 'old')
    lru.set('b', 'other')
    expect(lru.set('a', 'x'.repeat(11))).toBe(false)
    expect(lru.get('a')).toBeUndefined()
    expect(lru.get('b')).toBe('other')
  })

  it('drops entries at the end of their life, which reading does not lengthen', () => {
    let now = 1_000
    const lru = createLru<string, number>({ maxEntries: 9, ttlMs: 50, now: () => now })
    lru.set('a', 1)
    now = 1_049
    expect(lru.getStamped('a')).toMatchObject({ value: 1, storedAt: 1_000 })
    now = 1_050
    expect(lru.get('a')).toBeUndefined()
    expect(lru.size).toBe(0)
    lru.set('a', 2)
    expect(lru.getStamped('a')?.storedAt).toBe(1_050)
  })

  it('tells about evictions, and only about them', () => {
    const onEvict = vi.fn<(value: number) => void>()
    const lru = createLru<string, number>({ maxEntries: 2, onEvict })
    lru.set('a', 1)
    lru.set('a', 2)
    lru.delete('a')
    lru.set('b', 3)
    lru.set('c', 4)
    lru.set('d', 5)
    lru.clear()
    expect(onEvict.mock.calls).toEqual([[3]])
  })

  it('behaves as a plain list that is kept in order of use', () => {
    const operation = fc.oneof(
      fc.record({ kind: fc.constant('set' as const), key: fc.nat(6), size: fc.integer({ min: 1, max: 6 }) }),
      fc.record({ kind: fc.constantFrom('get' as const, 'delete' as const), key: fc.nat(6), size: fc.constant(0) }),
    )
    fc.assert(
      fc.property(fc.array(operation, { maxLength: 60 }), (operations) => {
        const lru = createLru<number, number>({ maxEntries: 4, maxBytes: 12, sizeOf: (size) => size })
        let model: [key: number, size: number][] = []
        for (const { kind, key, size } of operations) {
          const had = model.find(([each]) => each === key)
          model = model.filter(([each]) => each !== key)
          if (kind === 'get') {
            expect(lru.get(key)).toBe(had?.[1])
            if (had) model.push(had)
          } else if (kind === 'delete') {
            expect(lru.delete(key)).toBe(had !== undefined)
          } else {
            lru.set(key, size)
            model.push([key, size])
            while (model.length > 4 || model.reduce((sum, [, each]) => sum + each, 0) > 12) model.shift()
          }
          expect([...lru.values()]).toEqual(model.map(([, each]) => each))
          expect(lru.bytes).toBe(model.reduce((sum, [, each]) => sum + each, 0))
        }
      }),
    )
  })
})
