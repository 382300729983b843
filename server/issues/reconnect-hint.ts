import type { z } from 'zod'
import type { reconnectHint } from '@hawser/api/issues.ts'

/** The request that opens a reconnect session, where the end user's new sign-in is part of the cure; else undefined. */
export function reconnectHintOf(
  diagnosis: { class: string; actor: string } | null,
  connectionId: string,
  integrationKey: string,
): z.output<typeof reconnectHint> | undefined {
  if (diagnosis?.class !== 'reconnect' && diagnosis?.actor !== 'end_user') return undefined
  const body = { connection_id: connectionId, integration_id: integrationKey }
  return { method: 'POST', path: '/connect/sessions/reconnect', body }
}
