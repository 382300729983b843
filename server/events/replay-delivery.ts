import { fail } from '@hawser/api/errors.ts'
import * as routes from '@hawser/api/deliveries.ts'
import { handler, type Handler } from '#http/handler.ts'
import { actorOf } from '#http/principal.ts'
import type { Kit } from '../kit.ts'
import { countGivenUp, findDelivery, setGivenUpWaitingAgain, setWaitingAgain } from './deliveries-store.ts'
import { deliveryAnswer } from './delivery-answer.ts'
import { deliveryKey } from './record-event.ts'

const MOST_AT_ONCE = 500

export interface ReplayDeps extends Pick<Kit, 'db' | 'queue'> {
  /** Resolves when the audit row is committed. */
  recordChange(change: {
    environmentId: string
    actor: Record<string, unknown>
    action: string
    subject: Record<string, unknown>
  }): Promise<void>
}

/** The id stays: a receiver that has dealt with the message drops it, as Standard Webhooks asks of it. */
export function replayDelivery({ db, queue, recordChange }: ReplayDeps): Handler {
  return handler(routes.replayDelivery, async ({ params: { deliveryId }, principal }) => {
    const { environmentId } = principal
    const again = await db.kysely.transaction().execute(async (transaction) => {
      const set = await setWaitingAgain(transaction, environmentId, deliveryId)
      if (set) await queue.add('deliver-event', { eventId: deliveryId }, { key: deliveryKey(deliveryId) }, transaction)
      return set
    })
    if (!again) {
      if (!(await findDelivery(db.kysely, environmentId, deliveryId))) throw fail('not_found')
      throw fail('conflict', { message: 'This message waits to be sent already.' })
    }
    await recordChange({ environmentId, actor: actorOf(principal), action: 'webhook.replay', subject: { webhook: deliveryId } })
    return { data: deliveryAnswer(again) }
  })
}

export function replayDeliveries({ db, queue, recordChange }: ReplayDeps): Handler {
  return handler(routes.replayDeliveries, async ({ body, principal }) => {
    const range = { environmentId: principal.environmentId, from: new Date(body.from), to: new Date(body.to), type: body.type }
    const replayed = await db.kysely.transaction().execute(async (transaction) => {
      const ids = await setGivenUpWaitingAgain(transaction, range, MOST_AT_ONCE)
      for (const eventId of ids) await queue.add('deliver-event', { eventId }, { key: deliveryKey(eventId) }, transaction)
      return ids.length
    })
    const { environmentId } = principal
    const { from, to } = body
    await recordChange({ environmentId, actor: actorOf(principal), action: 'webhook.replay', subject: { from, to, count: replayed } })
    return { data: { replayed, remaining: await countGivenUp(db.kysely, range) } }
  })
}
