/** Webhooks that this server sent, or still has to. */
import { z } from 'zod'
import { defineRoute } from './route.ts'
import * as values from './values.ts'

const fields = {
  /** The header `webhook-id`. */
  id: z.string(),
  type: z.string(),
  state: z.enum(['waiting', 'delivered', 'given_up']),
  connection_id: z.string().nullable(),
  /** An integration's key. */
  integration: z.string().nullable(),
  /** Without user info, and values of its parameters that are named like secrets. */
  url: z.string(),
  attempts: z.int(),
  created_at: values.timestamp,
  delivered_at: values.timestamp.nullable(),
  given_up_at: values.timestamp.nullable(),
  next_attempt_at: values.timestamp.nullable(),
  replayed_at: values.timestamp.nullable(),
  last_status: z.int().nullable(),
  last_error: z.string().nullable(),
}

const delivery = z.object(fields).meta({ id: 'WebhookDelivery' })

const wholeDelivery = z
  .object({
    ...fields,
    payload: z.record(z.string(), z.unknown()),
    /** The last 20, earliest first. */
    tries: z.array(
      z.object({
        at: values.timestamp,
        status: z.int().nullable(),
        duration_ms: z.int(),
        error: z.object({ code: z.string(), title: z.string() }).nullable(),
        /** Up to 1 KiB of what the receiver answered. */
        answer: z.string().nullable(),
      }),
    ),
  })
  .meta({ id: 'WholeWebhookDelivery' })

const one = { params: z.strictObject({ deliveryId: z.uuid() }), query: values.nothing }

export const listDeliveries = defineRoute({
  name: 'listDeliveries',
  method: 'GET',
  path: '/webhooks/deliveries',
  summary: 'Lists webhooks of the last days, latest first.',
  access: { key: ['environment:webhooks:read'] },
  query: z.strictObject({
    state: z.enum(['waiting', 'delivered', 'given_up']).optional(),
    type: z.string().min(1).max(100).optional(),
    connection: values.connectionId.optional(),
    from: values.timestamp.optional(),
    /** Exclusive. */
    to: values.timestamp.optional(),
    limit: values.wholeNumber(1, 200).optional(),
    /** `next` of the page before. */
    cursor: z.uuid().optional(),
  }),
  reply: { status: 200, body: z.object({ deliveries: z.array(delivery), next: z.string().nullable() }) },
})

export const getDelivery = defineRoute({
  name: 'getDelivery',
  method: 'GET',
  path: '/webhooks/deliveries/:deliveryId',
  summary: 'Reads one webhook with its payload and its attempts.',
  access: { key: ['environment:webhooks:read'] },
  ...one,
  reply: { status: 200, body: z.object({ data: wholeDelivery }) },
  errors: ['not_found'],
})

export const replayDelivery = defineRoute({
  name: 'replayDelivery',
  method: 'POST',
  path: '/webhooks/deliveries/:deliveryId/replay',
  summary: 'Sends a webhook again, under its id, to the URL that holds now.',
  access: { key: ['environment:webhooks:write'] },
  ...one,
  reply: { status: 200, body: z.object({ data: delivery }) },
  errors: ['not_found', 'conflict'],
})

export const replayDeliveries = defineRoute({
  name: 'replayDeliveries',
  method: 'POST',
  path: '/webhooks/deliveries/replay',
  summary: 'Sends the webhooks again that were given up in a time, up to 500 a call, earliest first.',
  access: { key: ['environment:webhooks:write'] },
  query: values.nothing,
  body: z.strictObject({ from: values.timestamp, to: values.timestamp, type: z.string().min(1).max(100).optional() }),
  reply: { status: 200, body: z.object({ data: z.object({ replayed: z.int(), remaining: z.int() }) }) },
})

export const testWebhook = defineRoute({
  name: 'testWebhook',
  method: 'POST',
  path: '/webhooks/test',
  summary: 'Sends a message of the type `webhook.test` to the environment’s webhook URL.',
  access: { key: ['environment:webhooks:write'] },
  query: values.nothing,
  reply: { status: 201, body: z.object({ data: delivery }) },
  errors: ['missing_webhook_url'],
})
