import type { Transaction } from 'kysely'
import type { z } from 'zod'
import type { endUser } from '@hawser/api/values.ts'
import type { ownWebhook } from '@hawser/api/webhooks.ts'
import type { Clock } from '#lib/clock.ts'
import { newId } from '#lib/ids.ts'
import type { Queue } from '#queue/queue.ts'
import { alertOf } from './alert.ts'
import { deliveryKey } from './record-event.ts'
import { storableJson } from './storable-json.ts'
import { environmentOfEvent, insertAlert, insertEvent } from './store.ts'

/** Whose event it is. */
export interface Subject {
  environmentId: string
  /** The row's uuid. */
  id: string
  connectionId: string
  integrationKey: string
  provider: string
  tags: Record<string, string>
  endUser: z.output<typeof endUser> | null
  webhookUrlOverride: string | null
}

type Payload = z.input<typeof ownWebhook>
type SubjectFields = 'environment' | 'connection_id' | 'provider_config_key' | 'provider' | 'end_user' | 'tags'

/** What happened; whose it is, and when, is added. */
export type OwnEvent = {
  [P in Payload as P['type']]: { type: P['type']; subject: Subject; data: Omit<P['data'], SubjectFields> }
}[Payload['type']]

export interface OwnEventKit {
  queue: Queue
  clock: Clock
  /** Whether somebody reads alerts. */
  alerts: boolean
}

/**
 * Puts the event into the outbox within the transaction of the change it tells about, for the webhook URL that auth events go to (none: nothing is
 * written), and for people where `HAWSER_ALERT_URL` is set.
 */
export async function recordOwnEvent(kit: OwnEventKit, transaction: Transaction<unknown>, event: OwnEvent): Promise<void> {
  const { subject } = event
  const environment = await environmentOfEvent(transaction, subject.environmentId)
  if (!environment) return
  const { environmentId, id: connectionId } = subject
  const url = subject.webhookUrlOverride || environment.webhookUrl
  if (url) {
    const id = newId(kit.clock.now())
    const timestamp = new Date(kit.clock.now()).toISOString()
    const data = { ...fieldsOf(subject, environment.name), ...event.data }
    await insertEvent(transaction, {
      id,
      environmentId,
      connectionId,
      type: event.type,
      payload: storableJson({ type: event.type, timestamp, data }),
      url,
    })
    await kit.queue.add('deliver-event', { eventId: id }, { key: deliveryKey(id) }, transaction)
  }
  const alert = kit.alerts ? alertOf(event, environment.name) : undefined
  if (alert) await insertAlert(transaction, { id: newId(kit.clock.now()), environmentId, connectionId, payload: storableJson(alert) })
}

function fieldsOf(subject: Subject, environment: string): Pick<Payload['data'], SubjectFields> {
  return {
    environment,
    connection_id: subject.connectionId,
    provider_config_key: subject.integrationKey,
    provider: subject.provider,
    end_user: subject.endUser,
    tags: subject.tags,
  }
}
