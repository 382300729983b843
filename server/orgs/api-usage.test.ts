import { describe, expect, it } from 'vitest'
import { createApiUsageGauge } from './api-usage.ts'

const ORG = '00Dxx0000001gPLEAY'
const HOUR = 3_600_000
const start = () => {
  let now = 1_000_000
  return { gauge: createApiUsageGauge({ now: () => now }), advance: (ms: number) => void (now += ms) }
}

describe('the gauge of API calls', () => {
  it('shows what the org said last, under either form of its id', () => {
    const { gauge, advance } = start()
    expect(gauge.read(ORG)).toBeUndefined()
    gauge.note(ORG, 'api-usage=18/15000; per-app-api-usage=17/250(appName=acme)')
    advance(5)
    gauge.note(ORG.slice(0, 15), 'api-usage=19/15000')
    expect(gauge.read(ORG)).toMatchObject({ used: 19, max: 15_000, seenAt: 1_000_005 })
    expect(gauge.read('00Dxx0000009zzzEAA')).toBeUndefined()
  })

  it.each(['', 'api-usage=x/5', 'nonsense', 'x'.repeat(2000)])('is not moved by %j', (header) => {
    const { gauge } = start()
    gauge.note(ORG, 'api-usage=18/15000')
    gauge.note(ORG, header)
    expect(gauge.read(ORG)).toMatchObject({ used: 18 })
  })

  it('stops work in the background from 90 % on, until the window has moved', () => {
    const { gauge, advance } = start()
    expect(gauge.mayUseInBackground(ORG)).toBe(true)
    gauge.note(ORG, 'api-usage=13499/15000')
    expect(gauge.mayUseInBackground(ORG)).toBe(true)
    gauge.note(ORG, 'api-usage=13500/15000')
    expect(gauge.mayUseInBackground(ORG)).toBe(false)
    advance(23 * HOUR)
    expect(gauge.mayUseInBackground(ORG)).toBe(false)
    // The same value once more is a new sighting.
    gauge.note(ORG, 'api-usage=13500/15000')
    advance(23 * HOUR)
    expect(gauge.mayUseInBackground(ORG)).toBe(false)
    advance(HOUR)
    expect(gauge.mayUseInBackground(ORG)).toBe(true)
    gauge.note(ORG, 'api-usage=15001/15000')
    gauge.note(ORG, 'api-usage=200/15000')
    expect(gauge.mayUseInBackground(ORG)).toBe(true)
  })

  it('forgets the orgs that were not seen longest, rather than grow', () => {
    const { gauge } = start()
    for (let index = 0; index <= 10_000; index++) gauge.note(`00D${String(index).padStart(12, '0')}`, 'api-usage=1/2')
    expect(gauge.read('00D000000000000')).toBeUndefined()
    expect(gauge.read('00D000000010000')).toMatchObject({ used: 1 })
  })
})
