import type { Transaction } from 'kysely'
import type { Kit } from '../kit.ts'
import type { JobHandlers } from '#queue/queue.ts'
import { cleanUpEvents } from './clean-up-events.ts'
import { deliverAlerts, type AlertTarget } from './deliver-alerts.ts'
import { deliverEvent, type DeliveryKit } from './deliver-event.ts'
import { recordAuthEvent, type AuthEvent } from './record-event.ts'
import { recordOwnEvent, type OwnEvent } from './record-own-event.ts'

export interface Events {
  recordAuthEvent(transaction: Transaction<unknown>, event: AuthEvent): Promise<string | undefined>
  /** Our own types, for webhooks and for people. */
  recordOwnEvent(transaction: Transaction<unknown>, event: OwnEvent): Promise<void>
  jobs: Pick<JobHandlers, 'deliver-event' | 'deliver-alerts'>
  /** Part of the job `clean-up`. */
  cleanUp(): Promise<void>
}

/** `alerts`: where people are told; none unless given. */
export function createEvents(kit: DeliveryKit & Pick<Kit, 'queue'>, target: AlertTarget = { url: undefined, publicUrl: '' }): Events {
  const alerts = target.url !== undefined
  return {
    recordAuthEvent: (transaction, event) => recordAuthEvent(kit, transaction, event),
    recordOwnEvent: (transaction, event) => recordOwnEvent({ queue: kit.queue, clock: kit.clock, alerts }, transaction, event),
    jobs: {
      'deliver-event': ({ eventId }) => deliverEvent(kit, eventId, { alerts }),
      'deliver-alerts': () => deliverAlerts(kit, target),
    },
    cleanUp: () => cleanUpEvents(kit),
  }
}
