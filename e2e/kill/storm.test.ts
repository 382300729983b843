import { expect, it } from 'vitest'
import { roomyTimes, SHARE } from './short-times.ts'
import { runStorm } from './storm.ts'

it(
  '25. three processes with 250 callers each, and a provider that takes 25 s (÷ 20): one token request, no error',
  { timeout: 120_000 },
  async () => {
    const result = await runStorm({ processes: 3, callersEach: 250, providerMs: 25_000 / SHARE, env: roomyTimes })
    expect(result.statuses.filter((status) => status !== 200)).toEqual([])
    expect(result.statuses).toHaveLength(750)
    expect(result).toMatchObject({ tokenRequests: 1, lives: true })
  },
)
