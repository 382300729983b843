import { describe, expect, it } from 'vitest'
import { nearestName } from '#lib/nearest-name.ts'

const NAMES = ['HAWSER_PORT', 'HAWSER_HOST', 'HAWSER_GATEWAY_PORT']

describe('nearestName', () => {
  it.each([
    ['HAWSER_PROT', 'HAWSER_PORT'],
    ['HAWSER_HOSTS', 'HAWSER_HOST'],
    ['HAWSER_GATEWAYPORT', 'HAWSER_GATEWAY_PORT'],
  ])('%s: %s', (name, meant) => expect(nearestName(name, NAMES)).toBe(meant))

  it('names none where none is close', () => {
    expect(nearestName('HAWSER_COLOUR', NAMES)).toBeUndefined()
    expect(nearestName('HAWSER_PORT', [])).toBeUndefined()
  })
})
