import type { Transaction } from 'kysely'
import type { Kit } from '../kit.ts'
import type { Handler } from '#http/handler.ts'
import type { JobHandlers } from '#queue/queue.ts'
import { cleanUpEvents } from './clean-up-events.ts'
import { deliverAlerts, type AlertTarget } from './deliver-alerts.ts'
import { deliverEvent, type DeliveryKit, type DeliveryOptions } from './deliver-event.ts'
import { getDelivery } from './get-delivery.ts'
import { listDeliveries } from './list-deliveries.ts'
import { recordAuthEvent, type AuthEvent } from './record-event.ts'
import { recordOwnEvent, type OwnEvent } from './record-own-event.ts'
import { replayDelivery, replayDeliveries, type ReplayDeps } from './replay-delivery.ts'
import { testWebhook } from './test-webhook.ts'

export interface Events {
  recordAuthEvent(transaction: Transaction<unknown>, event: AuthEvent): Promise<string | undefined>
  /** Our own types, for webhooks and for people. */
  recordOwnEvent(transaction: Transaction<unknown>, event: OwnEvent): Promise<void>
  jobs: Pick<JobHandlers, 'deliver-event' | 'deliver-alerts'>
  /** Part of the job `clean-up`. */
  cleanUp(): Promise<void>
  handlers: Handler[]
}

export type EventHooks = Pick<DeliveryOptions, 'note'> & Partial<Pick<ReplayDeps, 'recordChange'>>

/** `alerts`: where people are told; none unless given. */
export function createEvents(
  kit: DeliveryKit & Pick<Kit, 'queue'>,
  target: AlertTarget = { url: undefined, publicUrl: '' },
  { note, recordChange = async () => {} }: EventHooks = {},
): Events {
  const alerts = target.url !== undefined
  const asking = { ...kit, recordChange }
  return {
    recordAuthEvent: (transaction, event) => recordAuthEvent(kit, transaction, event),
    recordOwnEvent: (transaction, event) => recordOwnEvent({ queue: kit.queue, clock: kit.clock, alerts }, transaction, event),
    jobs: {
      'deliver-event': ({ eventId }) => deliverEvent(kit, eventId, { alerts, note }),
      'deliver-alerts': () => deliverAlerts(kit, target),
    },
    cleanUp: () => cleanUpEvents(kit),
    handlers: [listDeliveries(kit), getDelivery(kit), replayDelivery(asking), replayDeliveries(asking), testWebhook(asking)],
  }
}
