import { describe, expect, it } from 'vitest'
import { createReadTogether } from './read-together.ts'

describe('createReadTogether', () => {
  it('reads what is asked at once by one statement, and what comes later by a later one', async () => {
    const statements: (readonly string[])[] = []
    const gate = Promise.withResolvers<void>()
    const read = createReadTogether(async (keys) => {
      statements.push(keys)
      if (statements.length === 1) await gate.promise
      return new Map(keys.filter((key) => key !== 'gone').map((key) => [key, `${key} by ${statements.length}`]))
    })
    const first = Promise.all([read('a'), read('a'), read('gone')])
    await new Promise((resolve) => setImmediate(resolve))
    const second = Promise.all([read('a'), read('b')])
    gate.resolve()
    expect(await first).toEqual(['a by 1', 'a by 1', undefined])
    expect(await second).toEqual(['a by 2', 'b by 2'])
    expect(statements).toEqual([
      ['a', 'gone'],
      ['a', 'b'],
    ])
  })

  it('tells all callers of a statement of its error, and goes on', async () => {
    let fails = true
    const read = createReadTogether(async (keys) => {
      if (fails) throw new Error('away')
      return new Map(keys.map((key) => [key, key]))
    })
    expect(await Promise.allSettled([read('a'), read('b')])).toMatchObject([{ status: 'rejected' }, { status: 'rejected' }])
    fails = false
    expect(await read('a')).toBe('a')
  })

  it('20. asks for at most 500 at once', async () => {
    const sizes: number[] = []
    const read = createReadTogether(async (keys) => (sizes.push(keys.length), new Map()))
    await Promise.all(Array.from({ length: 1_100 }, (_, n) => read(`${n}`)))
    expect(sizes).toEqual([500, 500, 100])
  })
})
