import { fail } from '@hawser/api/errors.ts'
import * as routes from '@hawser/api/deliveries.ts'
import { handler, type Handler } from '#http/handler.ts'
import type { Kit } from '../kit.ts'
import { countGivenUp, findDelivery, setGivenUpWaitingAgain, setWaitingAgain } from './deliveries-store.ts'
import { deliveryAnswer } from './delivery-answer.ts'
import { deliveryKey } from './record-event.ts'

const MOST_AT_ONCE = 500

/** The id stays: a receiver that has dealt with the message drops it, as Standard Webhooks asks of it. */
export function replayDelivery({ db, queue }: Pick<Kit, 'db' | 'queue'>): Handler {
  return handler(routes.replayDelivery, async ({ params: { deliveryId }, principal }) => {
    const { environmentId } = principal
    const again = await db.kysely.transaction().execute(async (transaction) => {
      const set = await setWaitingAgain(transaction, environmentId, deliveryId)
      if (set) await queue.add('deliver-event', { eventId: deliveryId }, { key: deliveryKey(deliveryId) }, transaction)
      return set
    })
    if (again) return { data: deliveryAnswer(again) }
    if (!(await findDelivery(db.kysely, environmentId, deliveryId))) throw fail('not_found')
    throw fail('conflict', { message: 'This message waits to be sent already.' })
  })
}

export function replayDeliveries({ db, queue }: Pick<Kit, 'db' | 'queue'>): Handler {
  return handler(routes.replayDeliveries, async ({ body, principal }) => {
    const range = { environmentId: principal.environmentId, from: new Date(body.from), to: new Date(body.to), type: body.type }
    const replayed = await db.kysely.transaction().execute(async (transaction) => {
      const ids = await setGivenUpWaitingAgain(transaction, range, MOST_AT_ONCE)
      for (const eventId of ids) await queue.add('deliver-event', { eventId }, { key: deliveryKey(eventId) }, transaction)
      return ids.length
    })
    return { data: { replayed, remaining: await countGivenUp(db.kysely, range) } }
  })
}
