import { fail } from '@hawser/api/errors.ts'
import * as routes from '@hawser/api/deliveries.ts'
import { handler, type Handler } from '#http/handler.ts'
import type { Kit } from '../kit.ts'
import { findDelivery } from './deliveries-store.ts'
import { deliveryAnswer } from './delivery-answer.ts'

/** Payloads are shown as they are: none of our messages holds a secret. */
export function getDelivery({ db }: Pick<Kit, 'db'>): Handler {
  return handler(routes.getDelivery, async ({ params, principal }) => {
    const found = await findDelivery(db.kysely, principal.environmentId, params.deliveryId)
    if (!found) throw fail('not_found')
    return { data: { ...deliveryAnswer(found), payload: found.payload, tries: found.tries } }
  })
}
