import { exchangeToken as route, USUAL_TOKEN_SECONDS } from '@hawser/api/connection-tokens.ts'
import { fail } from '@hawser/api/errors.ts'
import { handler, type Handler } from '#http/handler.ts'
import { seesConnection } from '#http/principal.ts'
import { newId } from '#lib/ids.ts'
import type { Kit } from '../kit.ts'
import type { ConnectionCallers } from './connection-callers.ts'
import { hashOfConnectionToken, hintOfConnectionToken, newConnectionToken } from './connection-token.ts'
import { countExchanged, insertToken } from './connection-token-store.ts'
import type { RecordChange } from './record-change.ts'
import type { FindConnection } from './seen-connection.ts'
import { isJwt } from './verify-jwt.ts'

/** One JWT can be exchanged again and again; each time is a row here and in the audit. */
const MOST_AT_ONCE = 100

/**
 * The form that the Salesforce CLI demands of an access token is `00D…![.\w]*` (@salesforce/core, `sfdcAccessTokenMatcher`); base64url has a `-` in nearly
 * every JWT.
 */
export function exchangeTokenHandler(
  kit: Pick<Kit, 'db' | 'clock'>,
  recordChange: RecordChange,
  callers: ConnectionCallers,
  findConnection: FindConnection,
): Handler {
  return handler(route, async ({ body, request }) => {
    if (!isJwt(body.token)) throw fail('invalid_token', { message: 'That is not the form of a JWT.' })
    const principal = await callers.of(body.token, request.ip)
    if (!('connectionId' in principal.connection)) throw fail('invalid_token')
    const { environmentId, connection, keyId, ownLimits } = principal
    const { integrationKey, connectionId } = connection
    const { uuid, tags, endUserId } = await findConnection(environmentId, integrationKey, connectionId)
    if (!seesConnection(principal, { integrationKey, connectionId, tags })) throw fail('unknown_connection')
    if ((await countExchanged(kit.db.kysely, keyId, uuid)) >= MOST_AT_ONCE)
      throw fail('too_many_request', {
        message: `${MOST_AT_ONCE} tokens from this signing key work for the connection already. Use one until it ends.`,
        retryAfter: 60,
      })
    const now = kit.clock.now()
    const expiresAt = new Date(Math.min(now + (body.expires_in ?? USUAL_TOKEN_SECONDS) * 1000, principal.expiresAt))
    const token = newConnectionToken()
    const id = newId(now)
    await recordChange({
      environmentId,
      actor: { kind: 'signing_key', id: keyId },
      action: 'connection_token.exchange',
      subject: { connection_token: id, connection: uuid, integration: integrationKey, expires_at: expiresAt.toISOString(), ...ownLimits },
      endUserId,
    })
    const made = await insertToken(kit.db.kysely, {
      id,
      environmentId,
      connectionUuid: uuid,
      maker: { signingKeyId: keyId },
      tokenHash: hashOfConnectionToken(token),
      displayName: undefined,
      hint: hintOfConnectionToken(token),
      limits: ownLimits,
      expiresAt,
    })
    if (!made) throw fail('unknown_connection')
    return { data: { id, token, expires_at: expiresAt.toISOString() } }
  })
}
