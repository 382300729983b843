import type { Transaction } from 'kysely'
import type { Kit } from '../kit.ts'
import type { JobHandlers } from '#queue/queue.ts'
import { cleanUpEvents } from './clean-up-events.ts'
import { deliverEvent, type DeliveryKit } from './deliver-event.ts'
import { recordAuthEvent, type AuthEvent } from './record-event.ts'

export interface Events {
  recordAuthEvent(transaction: Transaction<unknown>, event: AuthEvent): Promise<string | undefined>
  jobs: Pick<JobHandlers, 'deliver-event'>
  /** Part of the job `clean-up`. */
  cleanUp(): Promise<void>
}

export function createEvents(kit: DeliveryKit & Pick<Kit, 'queue'>): Events {
  return {
    recordAuthEvent: (transaction, event) => recordAuthEvent(kit, transaction, event),
    jobs: { 'deliver-event': ({ eventId }) => deliverEvent(kit, eventId) },
    cleanUp: () => cleanUpEvents(kit),
  }
}
