import type { Transaction } from 'kysely'
import type { z } from 'zod'
import type { authWebhook } from '@hawser/api/webhooks.ts'
import type { diagnosis, endUser } from '@hawser/api/values.ts'
import type { Clock } from '#lib/clock.ts'
import { newId } from '#lib/ids.ts'
import type { Queue } from '#queue/queue.ts'
import { storableJson } from './storable-json.ts'
import { environmentOfEvent, insertEvent } from './store.ts'

export interface AuthEvent {
  environmentId: string
  connection: {
    /** The row's uuid. */
    id: string
    connectionId: string
    tags: Record<string, string>
    endUser: z.output<typeof endUser> | null
    webhookUrlOverride: string | null
  }
  integrationKey: string
  provider: string
  authMode: string
  operation: 'creation' | 'override' | 'refresh'
  /** Absent: it went well. The description is public. */
  failure?: { type: string; description: string; diagnosis?: z.output<typeof diagnosis> | undefined }
}

type Payload = z.input<typeof authWebhook>

/**
 * Puts the event into the outbox, and its delivery into the queue, within the transaction of the change it tells about: both exist exactly if the
 * change does. The connection's own webhook URL replaces the environment's. Returns the event's id; without a URL nothing is written.
 */
export async function recordAuthEvent(
  kit: { queue: Queue; clock: Clock },
  transaction: Transaction<unknown>,
  event: AuthEvent,
): Promise<string | undefined> {
  const environment = await environmentOfEvent(transaction, event.environmentId)
  const url = event.connection.webhookUrlOverride || environment?.webhookUrl
  if (!environment || !url) return undefined
  const id = newId(kit.clock.now())
  const { environmentId, connection } = event
  const payload = storableJson(authPayload(event, environment.name))
  await insertEvent(transaction, { id, environmentId, connectionId: connection.id, type: 'auth', payload, url })
  await kit.queue.add('deliver-event', { eventId: id }, { key: deliveryKey(id) }, transaction)
  return id
}

export function deliveryKey(eventId: string): string {
  return `event:${eventId}`
}

function authPayload(event: AuthEvent, environment: string): Payload {
  const { connection, failure } = event
  const common = {
    from: 'nango',
    type: 'auth',
    connectionId: connection.connectionId,
    providerConfigKey: event.integrationKey,
    authMode: event.authMode,
    provider: event.provider,
    environment,
    operation: event.operation,
    tags: connection.tags,
    ...(connection.endUser ? { endUser: endUserPayload(connection.endUser) } : {}),
  } as const
  if (!failure) return { ...common, success: true }
  const error = { type: failure.type, description: failure.description }
  return { ...common, success: false, error, ...(failure.diagnosis ? { diagnosis: failure.diagnosis } : {}) }
}

function endUserPayload(user: NonNullable<AuthEvent['connection']['endUser']>): NonNullable<Payload['endUser']> {
  return {
    endUserId: user.id,
    ...(user.email ? { endUserEmail: user.email } : {}),
    ...(user.organization ? { organizationId: user.organization.id } : {}),
    tags: user.tags ?? {},
  }
}
