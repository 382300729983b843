import { createConnectionToken as route, USUAL_TOKEN_SECONDS } from '@hawser/api/connection-tokens.ts'
import { fail } from '@hawser/api/errors.ts'
import { handler, type Handler } from '#http/handler.ts'
import { actorOf, requireScope } from '#http/principal.ts'
import { newId } from '#lib/ids.ts'
import type { Kit } from '../kit.ts'
import { hashOfConnectionToken, hintOfConnectionToken, newConnectionToken } from './connection-token.ts'
import { insertToken } from './connection-token-store.ts'
import { coversLimits } from './hand-on.ts'
import type { RecordChange } from './record-change.ts'
import { seenConnection, type FindConnection } from './seen-connection.ts'

export function createConnectionTokenHandler(
  kit: Pick<Kit, 'db' | 'clock'>,
  recordChange: RecordChange,
  findConnection: FindConnection,
): Handler {
  return handler(route, async ({ principal, params, query, body }) => {
    requireScope(principal, 'environment:proxy')
    const { environmentId } = principal
    const { provider_config_key: integrationKey } = query
    const { uuid, endUserId } = await seenConnection(findConnection, principal, integrationKey, params.connectionId)
    const { methods, paths, display_name: displayName } = body
    const asked = { ...(methods ? { methods } : {}), ...(paths ? { paths } : {}) }
    // Both hold when the token is used. What could never be used is refused here, where somebody sees it.
    if (!coversLimits(principal.limits, { ...principal.limits, ...asked }))
      throw fail('forbidden', { message: 'The calling key is limited to other methods or paths; it cannot hand on more.' })
    const now = kit.clock.now()
    const ownEnd = principal.kind === 'member' ? principal.sessionEndsAt : (principal.expiresAt ?? Infinity)
    const end = Math.min(now + (body.expires_in ?? USUAL_TOKEN_SECONDS) * 1000, ownEnd)
    const token = newConnectionToken()
    const id = newId(now)
    await recordChange({
      environmentId,
      actor: actorOf(principal),
      action: 'connection_token.create',
      subject: { connection_token: id, connection: uuid, integration: integrationKey, expires_at: new Date(end).toISOString(), ...asked },
      endUserId,
    })
    const made = await insertToken(kit.db.kysely, {
      id,
      environmentId,
      connectionUuid: uuid,
      maker: principal.kind === 'member' ? { personSessionId: principal.personSessionId } : { apiKeyId: principal.keyId },
      tokenHash: hashOfConnectionToken(token),
      displayName,
      hint: hintOfConnectionToken(token),
      limits: methods || paths ? asked : undefined,
      expiresAt: new Date(end),
    })
    if (!made) throw fail('unknown_connection')
    return { data: { id, token, expires_at: new Date(end).toISOString() } }
  })
}
