import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createIdSource, isId18, sameId, to18 } from './ids.ts'

const id15 = fc.stringMatching(/^[0-9A-Za-z]{15}$/)

describe('ids', () => {
  it('computes the checksum of known ids', () => {
    expect(to18('0015000000Gv7qJ')).toBe('0015000000Gv7qJAAR')
    expect(to18('000000000000000')).toBe('000000000000000AAA')
    expect(to18('AAAAAAAAAAAAAAA')).toBe('AAAAAAAAAAAAAAA555')
  })

  it('keeps the 15 characters, and says so of itself', () => {
    fc.assert(
      fc.property(id15, (id) => {
        const full = to18(id)
        expect(full.slice(0, 15)).toBe(id)
        expect(isId18(full)).toBe(true)
        expect(sameId(id, full)).toBe(true)
      }),
    )
  })

  it('tells ids apart that differ in case only', () => {
    fc.assert(
      fc.property(id15, fc.nat(14), (id, at) => {
        const character = id[at] ?? ''
        const flipped = character === character.toUpperCase() ? character.toLowerCase() : character.toUpperCase()
        fc.pre(flipped !== character)
        const other = id.slice(0, at) + flipped + id.slice(at + 1)
        expect(to18(other).slice(15)).not.toBe(to18(id).slice(15))
      }),
    )
  })

  it('refuses what is no id', () => {
    expect(() => to18('too short')).toThrow()
    expect(isId18('0015000000Gv7qJAAA')).toBe(false)
    expect(isId18('0015000000Gv7qJ')).toBe(false)
  })

  it('never gives the same id twice, and the same ids in each run', () => {
    const source = createIdSource()
    const ids = Array.from({ length: 5000 }, () => source.next('001'))
    expect(new Set(ids).size).toBe(5000)
    expect(ids.every((id) => isId18(id) && id.startsWith('001'))).toBe(true)
    expect(createIdSource().next('001')).toBe(ids[0])
    expect(() => source.next('1')).toThrow()
  })
})
