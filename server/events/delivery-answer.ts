import { redactUrl } from '#telemetry/redact.ts'
import type { DeliveryState, StoredDelivery } from './deliveries-store.ts'

export function deliveryAnswer(stored: StoredDelivery) {
  const state = stateOf(stored)
  return {
    id: stored.id,
    type: stored.type,
    state,
    connection_id: stored.connection_name,
    integration: stored.integration_key,
    url: redactUrl(stored.url),
    attempts: stored.attempts,
    created_at: stored.created_at.toISOString(),
    delivered_at: stored.delivered_at?.toISOString() ?? null,
    given_up_at: stored.given_up_at?.toISOString() ?? null,
    next_attempt_at: state === 'waiting' ? (stored.next_attempt_at?.toISOString() ?? null) : null,
    replayed_at: stored.replayed_at?.toISOString() ?? null,
    last_status: stored.last_status,
    last_error: stored.last_error,
  }
}

function stateOf({ delivered_at, given_up_at }: StoredDelivery): DeliveryState {
  if (delivered_at !== null) return 'delivered'
  return given_up_at === null ? 'waiting' : 'given_up'
}
