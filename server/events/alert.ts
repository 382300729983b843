/** What people are told at `HAWSER_ALERT_URL`: one fact is stored, and facts of a minute become one message. */
import { z } from 'zod'
import type { OwnEvent } from './record-own-event.ts'

export const alertFact = z.object({
  /** What happened, in a few fixed words. */
  what: z.string(),
  environment: z.string(),
  integration: z.string(),
  /** Absent where it concerns none in particular. */
  connection: z.string().optional(),
  endUser: z.string().optional(),
  /** Who must act, if anybody. */
  who: z.string().optional(),
  /** Of this server. */
  path: z.string(),
})

export type AlertFact = z.output<typeof alertFact>

const ACTORS: Record<string, string> = {
  developer: 'you (the integration’s developer)',
  customer_admin: 'the customer’s administrator',
  end_user: 'the end user, by reconnecting',
  salesforce: 'Salesforce',
  provider: 'the provider',
  hawser: 'whoever runs this server',
}

/** Undefined for what nobody has to be woken for. */
export function alertOf(event: OwnEvent, environment: string): AlertFact | undefined {
  const { subject } = event
  const about = {
    environment,
    integration: subject.integrationKey,
    connection: subject.connectionId,
    ...(subject.endUser ? { endUser: subject.endUser.id } : {}),
    path: `/connections/${encodeURIComponent(subject.connectionId)}?${new URLSearchParams({ provider_config_key: subject.integrationKey })}`,
  }
  switch (event.type) {
    case 'issue.opened': {
      // The refresh of a sandbox is an event of its own, with one alert.
      if (event.data.issue.kind === 'sandbox_refreshed') return undefined
      const { diagnosis } = event.data.issue
      return { what: diagnosis?.title ?? event.data.issue.kind, ...about, ...(diagnosis ? { who: ACTORS[diagnosis.actor] } : {}) }
    }
    case 'issue.resolved':
      return event.data.reason === 'superseded' ? undefined : { what: 'Works again', ...about }
    case 'connection.sandbox_refreshed':
      if (event.data.basis === 'reconnect') return { what: 'Reconnected after its sandbox was refreshed', ...about }
      return {
        what: 'The sandbox was refreshed; calls are stopped',
        ...about,
        who: 'you: make the app again, then let the end users reconnect',
      }
    case 'connection.revocation_failed':
      return { what: 'A deleted connection could not be revoked at the provider', ...about, who: ACTORS['developer'], path: '/connections' }
    case 'connection.deleted':
      return undefined
  }
}

/** `payload`: as it lies in the outbox, of any type. */
export function givenUpAlert(payload: unknown, environment: string, why: string): AlertFact {
  const text = (value: unknown) => (typeof value === 'string' ? value : undefined)
  const fields = Object(payload) as { connectionId?: unknown; providerConfigKey?: unknown; data?: unknown }
  const data = Object(fields.data) as { connection_id?: unknown; provider_config_key?: unknown }
  const connection = text(fields.connectionId) ?? text(data.connection_id)
  return {
    what: `A webhook is given up. ${why}`,
    environment,
    integration: text(fields.providerConfigKey) ?? text(data.provider_config_key) ?? 'unknown',
    ...(connection === undefined ? {} : { connection }),
    who: 'whoever runs the webhook’s receiver',
    path: '/environment',
  }
}

/** Slack cuts a message after 40,000 characters. */
const MOST_GROUPS = 40

/**
 * One message of all facts, oldest first: equal facts of one integration become one line and a count. `text` is Slack's mrkdwn, in which names
 * from outside cannot mention anybody.
 */
export function alertText(facts: readonly AlertFact[], publicUrl: string): string {
  const groups = new Map<string, AlertFact[]>()
  for (const fact of facts) {
    const key = JSON.stringify([fact.what, fact.environment, fact.integration])
    const known = groups.get(key)
    if (known) known.push(fact)
    else groups.set(key, [fact])
  }
  const shown = [...groups.values()].slice(0, MOST_GROUPS)
  const left = facts.length - shown.reduce((sum, group) => sum + group.length, 0)
  const lines = shown.flatMap((group) => linesOf(group, publicUrl))
  if (left > 0) lines.push(`… and ${left} more messages`)
  return lines.join('\n')
}

function linesOf([first, ...others]: readonly AlertFact[], publicUrl: string): string[] {
  if (!first) return []
  const { what, environment, integration, connection, endUser, who, path } = first
  const of = [
    `integration ${integration}`,
    ...(connection === undefined ? [] : [`connection ${connection}`]),
    ...(endUser === undefined ? [] : [`end user ${endUser}`]),
    `environment ${environment}`,
  ].join(', ')
  const line = `${escaped(`${what}: ${of}.${who === undefined ? '' : ` Who must act: ${who}.`}`)} ${escaped(publicUrl + path)}`
  return others.length === 0 ? [line] : [line, escaped(`… and ${others.length} more connections of integration ${integration}`)]
}

/** https://docs.slack.dev/messaging/formatting-message-text: `<!channel>` and `<@U…>` would ring everybody. */
function escaped(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll(/[\r\n]+/g, ' ')
}
