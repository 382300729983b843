import { describe, expect, it } from 'vitest'
import type { Limits } from '@hawser/api/limits.ts'
import { coversLimits, handedOn } from './hand-on.ts'

const NOW = Date.parse('2026-06-01T00:00:00Z')
const full: Limits = {
  integrations: ['a', 'b'],
  connections: { ids: ['x', 'y'], tags: { team: 'red' } },
  methods: ['GET', 'POST'],
  paths: ['/services/data/*'],
}

describe('a limited key hands on', () => {
  it('its own limits where none are asked for', () => {
    expect(handedOn({ limits: full }, {}, NOW).limits).toEqual(full)
    expect(handedOn({}, {}, NOW)).toEqual({ limits: undefined, expiresAt: undefined })
  })

  it.each<[Limits, Limits]>([
    [{ integrations: ['a'] }, { ...full, integrations: ['a'] }],
    [{ connections: { ids: ['x'] } }, { ...full, connections: { ids: ['x'], tags: { team: 'red' } } }],
    [{ connections: { tags: { Plan: 'pro' } } }, { ...full, connections: { ids: ['x', 'y'], tags: { team: 'red', plan: 'pro' } } }],
    [{ methods: ['HEAD'] }, { ...full, methods: ['HEAD'] }],
    [{ paths: ['/services/data/v60.0/*'] }, { ...full, paths: ['/services/data/v60.0/*'] }],
  ])('less, when asked for %j', (wanted, limits) => expect(handedOn({ limits: full }, { limits: wanted }, NOW).limits).toEqual(limits))

  it.each<Limits>([
    { integrations: ['a', 'c'] },
    { connections: { ids: ['z'] } },
    { connections: { tags: { team: 'blue' } } },
    { connections: { tags: { TEAM: 'blue' } } },
    { methods: ['GET', 'DELETE'] },
    { paths: ['/services/*'] },
    { paths: ['/services/data/*', '/services/apexrest/*'] },
  ])('never more: %j', (limits) =>
    expect(() => handedOn({ limits: full }, { limits }, NOW)).toThrow(expect.objectContaining({ code: 'forbidden' })),
  )

  it('its end, or an earlier one', () => {
    const expiresAt = NOW + 60_000
    expect(handedOn({ expiresAt }, {}, NOW).expiresAt).toEqual(new Date(expiresAt))
    expect(handedOn({ expiresAt }, { expires_at: '2026-06-01T00:00:30Z' }, NOW).expiresAt).toEqual(new Date(NOW + 30_000))
    expect(() => handedOn({ expiresAt }, { expires_at: '2026-06-01T00:02:00Z' }, NOW)).toThrow(
      expect.objectContaining({ code: 'forbidden' }),
    )
    expect(() => handedOn({}, { expires_at: '2026-06-01T00:00:00Z' }, NOW)).toThrow(expect.objectContaining({ code: 'invalid_body' }))
  })
})

describe('coversLimits', () => {
  it('a key without limits is within none', () => {
    expect(coversLimits(full, undefined)).toBe(false)
    expect(coversLimits(undefined, undefined)).toBe(true)
    expect(coversLimits(full, full)).toBe(true)
    expect(coversLimits({ methods: ['HEAD'] }, { methods: ['GET'] })).toBe(false)
    expect(coversLimits({ connections: { tags: { constructor: 'x' } } }, { integrations: ['a'] })).toBe(false)
  })
})
