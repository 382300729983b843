/** What the browser's calls about one integration share: the key in the path, and the session that must cover it. */
import type { FastifyRequest } from 'fastify'
import { fieldErrors } from '#http/parse-input.ts'
import { oauthConnect } from '@hawser/api/browser.ts'
import { fail } from '@hawser/api/errors.ts'
import type { ConnectDeps } from './connect-deps.ts'
import type { StoredSession } from './session.ts'
import { findSession } from './store.ts'

export function readKey(request: FastifyRequest): string {
  const params = oauthConnect.params.safeParse(request.params)
  if (!params.success) throw fail('invalid_uri_params', { errors: fieldErrors(params.error) })
  return params.data.providerConfigKey
}

/** Throws the 401 codes, and `integration_not_allowed`. */
export async function admittedSession(deps: ConnectDeps, token: string, key: string): Promise<StoredSession> {
  const principal = await deps.authenticateSession(token)
  if (principal.allowedIntegrations && !principal.allowedIntegrations.includes(key)) throw fail('integration_not_allowed')
  const session = await findSession(deps.kit.db.kysely, principal.sessionId)
  if (!session) throw fail('unknown_connect_session_token')
  return session
}
