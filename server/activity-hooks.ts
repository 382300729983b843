/** What reaches the activity from slices that do not know it: changes and sign-ins by their audit rows, webhooks by their attempts. */
import type { Activity } from '#activity/activity.ts'
import type { ActorKind, Operation } from '#activity/operation.ts'
import type { Audit, Disclosure } from '#audit/record-disclosure.ts'
import type { NotedDelivery } from '#events/deliver-event.ts'
import type { Clock } from '#lib/clock.ts'

/** The same audit; changes that it has written are told to the activity too. */
export function recordedAudit(audit: Audit, activity: Activity, clock: Clock): Audit {
  return {
    ...audit,
    async changed(change) {
      await audit.changed(change)
      activity.record(operationOfChange(change, clock.now()))
    },
  }
}

const SIGN_INS: Readonly<Record<string, string>> = { 'connection.created': 'connect', 'connection.renewed': 'reconnect' }

function operationOfChange({ environmentId, actor, action, subject, endUserId, connectionName }: Disclosure, at: number): Operation {
  const { connection, integration } = subject
  const signIn = actor['kind'] === 'connect_session' ? SIGN_INS[action] : undefined
  const kind = signIn !== undefined ? 'sign_in' : action.startsWith('connection.') ? 'connection' : 'change'
  return {
    environmentId,
    at,
    kind,
    action: signIn ?? action,
    failed: false,
    integrationKey: typeof integration === 'string' ? integration : undefined,
    connection: typeof connection === 'string' ? { uuid: connection, connectionId: connectionName } : undefined,
    endUserId,
    actor: { kind: ACTORS[String(actor['kind'])] ?? 'system', id: typeof actor['id'] === 'string' ? actor['id'] : undefined },
  }
}

const ACTORS: Readonly<Record<string, ActorKind>> = { key: 'key', person: 'person', session: 'session', connect_session: 'session' }

/** For `createEvents`. */
export function deliveryRecorded(activity: Activity): (delivery: NotedDelivery) => void {
  return ({ event, at, tried, diagnosis }) => {
    const { host, pathname, search } = new URL(event.url)
    const payload = Object(event.payload) as { connectionId?: unknown; providerConfigKey?: unknown; data?: unknown }
    const data = Object(payload.data) as { connection_id?: unknown; provider_config_key?: unknown }
    activity.record({
      environmentId: event.environmentId,
      at,
      kind: 'webhook',
      action: event.type,
      failed: diagnosis !== undefined,
      status: tried.status ?? undefined,
      durationMs: tried.duration_ms,
      integrationKey: text(payload.providerConfigKey) ?? text(data.provider_config_key),
      connection:
        event.connectionId === null
          ? undefined
          : { uuid: event.connectionId, connectionId: text(payload.connectionId) ?? text(data.connection_id) },
      actor: { kind: 'system' },
      method: 'POST',
      host,
      path: pathname + search,
      error: diagnosis && { code: diagnosis.code, title: diagnosis.title },
      diagnosis,
    })
  }
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}
