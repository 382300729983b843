import { it } from 'vitest'
import { proveHeartbeatsSpread } from './heartbeat-spread-rig.ts'

it('no hour carries more than 2 % of the renewals, and nobody’s refresh token idles for 30 days', { timeout: 60_000 }, () =>
  proveHeartbeatsSpread(500),
)
