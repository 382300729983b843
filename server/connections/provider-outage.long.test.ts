import { it } from 'vitest'
import { proveOutageSurvived } from './provider-outage-rig.ts'

it(
  'six hours, 5,000 connections: marks nothing broken, tells nobody, and is back within two minutes; what was truly revoked is flagged, and nothing else',
  { timeout: 600_000 },
  () => proveOutageSurvived(5_000),
)
