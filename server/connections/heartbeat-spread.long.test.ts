import { it } from 'vitest'
import { proveHeartbeatsSpread } from './heartbeat-spread-rig.ts'

it(
  '10,000 connections: no hour carries more than 2 % of the renewals, and nobody’s refresh token idles for 30 days',
  { timeout: 300_000 },
  () => proveHeartbeatsSpread(10_000),
)
