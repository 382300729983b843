import * as routes from '@hawser/api/connections.ts'
import { handler, type Handler } from '#http/handler.ts'
import type { ConnectionDeps } from './compose-connections.ts'
import { changeMetadata } from './set-metadata.ts'

export function updateMetadata(deps: ConnectionDeps): Handler {
  return handler(routes.updateMetadata, async ({ body, principal }) => {
    await changeMetadata(deps, principal, body, true)
    return body
  })
}
