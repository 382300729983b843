import fc from 'fast-check'
import { expect, it } from 'vitest'
import { gatewayIdOf, newId, uuidOfGatewayId } from './ids.ts'

it('is a UUID of version 7 that holds its time', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 2 ** 48 - 1 }), (ms) => {
      const id = newId(ms)
      expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
      expect(Number.parseInt(id.replaceAll('-', '').slice(0, 12), 16)).toBe(ms)
    }),
  )
})

it('is never made twice, and later ones sort after earlier ones', () => {
  expect(new Set(Array.from({ length: 10_000 }, () => newId(1))).size).toBe(10_000)
  expect(newId(1_000) < newId(1_001)).toBe(true)
})

it('stands behind a gateway id, and other texts do not', () => {
  const id = newId()
  expect(uuidOfGatewayId(gatewayIdOf(id))).toBe(id)
  for (const wrong of ['', id, gatewayIdOf(id).toUpperCase(), `${gatewayIdOf(id)}0`, 'g'.repeat(32)])
    expect(uuidOfGatewayId(wrong)).toBeUndefined()
})
