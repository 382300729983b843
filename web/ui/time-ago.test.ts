import { describe, expect, it } from 'vitest'
import { timeAgo } from './time-ago.ts'

const NOW = Date.UTC(2026, 0, 15)

describe('timeAgo', () => {
  it.each([
    [0, 'just now'],
    [-59, 'just now'],
    [-60, '1 minute ago'],
    [-3599, '59 minutes ago'],
    [-7200, '2 hours ago'],
    [-86_400, 'yesterday'],
    [-40 * 86_400, 'last month'],
    [30, 'in 30 seconds'],
    [3 * 86_400, 'in 3 days'],
  ])('%d seconds: %s', (seconds, text) => {
    expect(timeAgo(NOW + seconds * 1000, NOW)).toBe(text)
  })
})
