import { deleteConnectSession as route } from '@hawser/api/connect-sessions.ts'
import { handler, type Handler } from '#http/handler.ts'
import type { ConnectDeps } from './connect-deps.ts'
import { deleteSession as deleteRow } from './store.ts'

/** Sign-ins of the session that are under way end with it. */
export function deleteSession({ kit }: ConnectDeps): Handler {
  return handler(route, async ({ principal }) => {
    await deleteRow(kit.db.kysely, principal.sessionId)
    return null
  })
}
