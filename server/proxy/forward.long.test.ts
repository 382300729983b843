import { afterEach, expect, it } from 'vitest'
import { closeAll, startRig, startUpstream } from './proxy-rig.ts'
import { MiB, echo, streamThrough } from './stream-through.ts'

afterEach(closeAll)

it('security 22: 500 MiB up and down at once, in no more memory than 64 MiB take', { timeout: 300_000 }, async () => {
  const upstream = await startUpstream(echo)
  const rig = await startRig({ upstream })
  const result = await streamThrough(rig.api, 500 * MiB)
  expect(result).toMatchObject({ received: 500 * MiB, intact: true })
  expect(result.peakBytes).toBeLessThan(48 * MiB)
})
