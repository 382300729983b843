import { expect, it } from 'vitest'
import { diagnosis as diagnosisSchema } from '@hawser/api/values.ts'
import { diagnoseDelivery, type DeliveryFailure } from './webhook-failures.ts'

const cases: readonly [DeliveryFailure, string, string, boolean][] = [
  [{ network: 'dns' }, 'webhook-dns', 'developer', true],
  [{ network: 'tls' }, 'webhook-tls', 'developer', true],
  [{ network: 'refused' }, 'webhook-refused', 'developer', true],
  [{ network: 'timeout' }, 'webhook-timeout', 'developer', true],
  [{ network: 'reset' }, 'webhook-reset', 'developer', true],
  [{ network: 'other' }, 'webhook-other', 'developer', true],
  [{ blocked: true }, 'webhook-blocked', 'hawser', false],
  [{ status: 301 }, 'webhook-redirected', 'developer', false],
  [{ status: 400 }, 'webhook-refused-by-receiver', 'developer', false],
  [{ status: 401 }, 'webhook-unauthorized', 'developer', false],
  [{ status: 403 }, 'webhook-unauthorized', 'developer', false],
  [{ status: 404 }, 'webhook-not-found', 'developer', false],
  [{ status: 408 }, 'webhook-receiver-fault', 'developer', true],
  [{ status: 410 }, 'webhook-not-found', 'developer', false],
  [{ status: 422 }, 'webhook-refused-by-receiver', 'developer', false],
  [{ status: 429 }, 'webhook-rate-limited', 'developer', true],
  [{ status: 500 }, 'webhook-receiver-fault', 'developer', true],
  [{ status: 503 }, 'webhook-receiver-fault', 'developer', true],
]

it.each(cases)('%o is %s, to be ended by the %s', (failure, code, actor, transient) => {
  const diagnosis = diagnoseDelivery({ ...failure, host: 'hooks.example.com' })
  expect(diagnosis).toMatchObject({ code, actor, transient, evidence: { host: 'hooks.example.com' } })
  expect(diagnosisSchema.safeParse(diagnosis).success).toBe(true)
  for (const step of [diagnosis.cause, ...diagnosis.fix]) expect(step).toMatch(/^[A-Z].*\.$/s)
  if ('status' in failure) expect(diagnosis.evidence['status']).toBe(failure.status)
})
