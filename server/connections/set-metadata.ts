import { fail } from '@hawser/api/errors.ts'
import * as routes from '@hawser/api/connections.ts'
import type { BodyOf } from '@hawser/api/route.ts'
import { handler, type Handler } from '#http/handler.ts'
import { actorOf, seesConnection, type OwnSide } from '#http/principal.ts'
import type { ConnectionDeps } from './compose-connections.ts'
import { integrationNamed } from './integration-named.ts'
import { lockNames, writeMetadata } from './store.ts'

export function setMetadata(deps: ConnectionDeps): Handler {
  return handler(routes.setMetadata, async ({ body, principal }) => {
    await changeMetadata(deps, principal, body, false)
    return body
  })
}

/** All connections that are named must exist, else nothing is written. `merge`: first level only. Throws `unknown_connection`. */
export async function changeMetadata(
  deps: ConnectionDeps,
  principal: OwnSide,
  body: BodyOf<typeof routes.setMetadata>,
  merge: boolean,
): Promise<void> {
  const integration = await integrationNamed(deps, principal, body.provider_config_key)
  const names = [...new Set(Array.isArray(body.connection_id) ? body.connection_id : [body.connection_id])]
  const ids = await deps.db.transaction().execute(async (transaction) => {
    const found = await lockNames(transaction, integration.id, names)
    const visible = found.filter((one) => seesConnection(principal, { ...one, integrationKey: integration.uniqueKey }))
    if (visible.length !== names.length) throw fail('unknown_connection')
    const rows = visible.map(({ id }) => id)
    await writeMetadata(transaction, rows, body.metadata, merge)
    return rows
  })
  for (const id of ids) deps.cache.drop(id)
  await deps.audit.changed({
    environmentId: principal.environmentId,
    actor: actorOf(principal),
    action: 'connection.metadata_changed',
    subject: { connections: ids, integration: integration.uniqueKey },
  })
}
