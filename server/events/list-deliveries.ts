import * as routes from '@hawser/api/deliveries.ts'
import { handler, type Handler } from '#http/handler.ts'
import type { Kit } from '../kit.ts'
import { listBy } from './deliveries-store.ts'
import { deliveryAnswer } from './delivery-answer.ts'

const PAGE = 50

export function listDeliveries({ db }: Pick<Kit, 'db'>): Handler {
  return handler(routes.listDeliveries, async ({ query, principal }) => {
    const limit = query.limit ?? PAGE
    const found = await listBy(db.kysely, {
      environmentId: principal.environmentId,
      state: query.state,
      type: query.type,
      connection: query.connection,
      from: query.from === undefined ? undefined : new Date(query.from),
      to: query.to === undefined ? undefined : new Date(query.to),
      before: query.cursor,
      limit: limit + 1,
    })
    const page = found.slice(0, limit)
    return { deliveries: page.map(deliveryAnswer), next: found.length > limit ? (page.at(-1)?.id ?? null) : null }
  })
}
