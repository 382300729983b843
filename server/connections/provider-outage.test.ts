import { it } from 'vitest'
import { proveOutageSurvived } from './provider-outage-rig.ts'

it(
  'marks nothing broken, tells nobody, and is back within two minutes; what was truly revoked is flagged, and nothing else',
  { timeout: 120_000 },
  () => proveOutageSurvived(500),
)
