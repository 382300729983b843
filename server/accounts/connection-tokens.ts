/** The endpoints that list and end tokens for one connection. */
import * as routes from '@hawser/api/connection-tokens.ts'
import { fail } from '@hawser/api/errors.ts'
import { actorOf } from '#http/principal.ts'
import { handler, type Handler } from '#http/handler.ts'
import type { Kit } from '../kit.ts'
import { deleteToken, deleteTokensOf } from './connection-token-store.ts'
import { listTokens, type ListedToken } from './listed-token-store.ts'
import type { RecordChange } from './record-change.ts'
import { seenConnection, type FindConnection } from './seen-connection.ts'

const PAGE = 50

export function listConnectionTokensHandler({ db }: Pick<Kit, 'db'>): Handler {
  return handler(routes.listConnectionTokens, async ({ principal, query }) => {
    const limit = query.limit ?? PAGE
    const found = await listTokens(db.kysely, {
      environmentId: principal.environmentId,
      integrationKey: query.integration,
      connectionId: query.connectionId,
      madeBy: query.made_by,
      limits: principal.limits,
      before: query.before,
      limit: limit + 1,
    })
    const page = found.slice(0, limit)
    return { data: page.map(shownToken), next: found.length > limit ? (page.at(-1)?.id ?? null) : null }
  })
}

/** A limited key ends the tokens of connections that it sees, whatever they may do: ending is not using. */
export function deleteConnectionTokenHandler({ db }: Pick<Kit, 'db'>, recordChange: RecordChange): Handler {
  return handler(routes.deleteConnectionToken, async ({ principal, params }) => {
    const { environmentId, limits } = principal
    const missing = () => fail('not_found', { message: 'No token that still works has that id in this environment.' })
    const [found] = await listTokens(db.kysely, { environmentId, limits, id: params.tokenId, limit: 1 })
    if (!found) throw missing()
    await recordChange({
      environmentId,
      actor: actorOf(principal),
      action: 'connection_token.revoke',
      subject: { connection_token: found.id },
    })
    if (!(await deleteToken(db.kysely, environmentId, found.id))) throw missing()
    return { success: true }
  })
}

export function deleteTokensOfConnectionHandler(
  { db }: Pick<Kit, 'db'>,
  recordChange: RecordChange,
  findConnection: FindConnection,
): Handler {
  return handler(routes.deleteTokensOfConnection, async ({ principal, params, query }) => {
    const { environmentId } = principal
    const { uuid, endUserId } = await seenConnection(findConnection, principal, query.provider_config_key, params.connectionId)
    await recordChange({
      environmentId,
      actor: actorOf(principal),
      action: 'connection_token.revoke_all',
      subject: { connection: uuid, integration: query.provider_config_key },
      endUserId,
    })
    return { data: { ended: await deleteTokensOf(db.kysely, environmentId, uuid) } }
  })
}

function shownToken(token: ListedToken) {
  return {
    id: token.id,
    display_name: token.display_name,
    hint: token.hint,
    connection_id: token.connection_id,
    provider_config_key: token.unique_key,
    limits: token.limits,
    made_by: { kind: token.maker_kind, id: token.maker_id, display_name: token.maker_name },
    created_at: token.created_at.toISOString(),
    expires_at: token.expires_at.toISOString(),
    last_used_at: token.last_used_at?.toISOString() ?? null,
  }
}
