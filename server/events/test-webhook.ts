import { fail } from '@hawser/api/errors.ts'
import * as routes from '@hawser/api/deliveries.ts'
import { handler, type Handler } from '#http/handler.ts'
import { actorOf } from '#http/principal.ts'
import { newId } from '#lib/ids.ts'
import type { Kit } from '../kit.ts'
import { findDelivery } from './deliveries-store.ts'
import { deliveryAnswer } from './delivery-answer.ts'
import { deliveryKey } from './record-event.ts'
import type { ReplayDeps } from './replay-delivery.ts'
import { environmentOfEvent, insertEvent } from './store.ts'
import { TEST_TYPE } from './test-type.ts'

export function testWebhook({ db, queue, clock, recordChange }: ReplayDeps & Pick<Kit, 'clock'>): Handler {
  return handler(routes.testWebhook, async ({ principal }) => {
    const { environmentId } = principal
    const id = newId(clock.now())
    await db.kysely.transaction().execute(async (transaction) => {
      const environment = await environmentOfEvent(transaction, environmentId)
      if (!environment?.webhookUrl) throw fail('missing_webhook_url')
      const data = { environment: environment.name, message: 'Somebody asked for this message to see whether it arrives.' }
      const payload = JSON.stringify({ type: TEST_TYPE, timestamp: new Date(clock.now()).toISOString(), data })
      await insertEvent(transaction, { id, environmentId, connectionId: null, type: TEST_TYPE, payload, url: environment.webhookUrl })
      await queue.add('deliver-event', { eventId: id }, { key: deliveryKey(id) }, transaction)
    })
    await recordChange({ environmentId, actor: actorOf(principal), action: 'webhook.test', subject: { webhook: id } })
    const stored = await findDelivery(db.kysely, environmentId, id)
    if (!stored) throw fail('server_error', { internal: 'the event that was just written is gone' })
    return { data: deliveryAnswer(stored) }
  })
}
