import { fail } from '@hawser/api/errors.ts'
import * as routes from '@hawser/api/connections.ts'
import type { BodyOf } from '@hawser/api/route.ts'
import { handler, type Handler } from '#http/handler.ts'
import { actorOf, mayCall, seesConnection, type OwnSide } from '#http/principal.ts'
import type { StoredIntegration } from '#integrations/integration.ts'
import { invalidField } from '#integrations/invalid-field.ts'
import type { Provider } from '#providers/provider.ts'
import { misplacedIn } from '#providers/secret-config.ts'
import type { ConnectionDeps } from './compose-connections.ts'
import { connectionAnswer } from './connection-answer.ts'
import type { StoredCredentials } from './connection.ts'
import type { SaveConnection } from './connections.ts'
import type { NewerToken } from './former-token-store.ts'
import { integrationNamed } from './integration-named.ts'
import { formerToken, refuseFormer } from './refuse-former.ts'
import { lowerCaseNames, tagsOfEndUser, toEndUser } from './end-user-tags.ts'

type Body = BodyOf<typeof routes.importConnection>

/** Brings in credentials from elsewhere; a connection of that name is renewed. */
export function importConnection(deps: ConnectionDeps): Handler {
  return handler(routes.importConnection, async ({ body, principal }) => {
    const integration = await integrationNamed(deps, principal, body.provider_config_key)
    const provider = deps.catalogue.get(integration.provider)
    if (!provider) throw fail('unknown_provider')
    if (body.credentials.type !== provider.auth_mode)
      throw invalidField(['credentials', 'type'], `The integration's provider authorises by ${provider.auth_mode}`)
    requireOwn(principal, body)
    // To confirm it, its token is sent to the provider.
    const stopped = deps.stopped({ environmentId: principal.environmentId, integrationId: integration.id })
    if (stopped) throw stopped
    const refused = (newer: NewerToken) =>
      formerToken(newer, seesConnection(principal, { ...newer.connection, integrationKey: newer.integrationKey }))
    if (body.credentials.type === 'OAUTH2' && body.credentials.refresh_token !== undefined) {
      const { environmentId } = principal
      const { refresh_token: refreshToken } = body.credentials
      await refuseFormer(deps, { environmentId, integrationId: integration.id, connectionId: body.connection_id, refreshToken }, refused)
    }
    const confirmed = await confirmedConfig(deps, provider, body, integration)
    const saved = await deps.connections.save({
      environmentId: principal.environmentId,
      environmentName: principal.environmentName,
      integration,
      ...(body.connection_id === undefined ? {} : { connectionId: body.connection_id }),
      authMode: provider.auth_mode,
      credentials: importedCredentials(body.credentials),
      client: clientOfImport(body.credentials),
      ...confirmed,
      ...described(body),
      mayRenew: (stored) => seesConnection(principal, { ...stored, integrationKey: integration.uniqueKey }),
      refuseFormer: refused,
      actor: actorOf(principal),
    })
    const answered = { connection: saved.connection, integrationKey: integration.uniqueKey, provider: integration.provider, issues: [] }
    if (!mayCall(principal, 'environment:connections:read_credentials')) return connectionAnswer(answered, undefined)
    const own = body.credentials.type === 'OAUTH2' ? body.credentials.config_override?.client_id : undefined
    return connectionAnswer(answered, { credentials: importedCredentials(body.credentials), ownClientId: own, refreshToken: false })
  })
}

/**
 * Tokens will be sent to the address that the import names, so it must be one of the provider's, and must know the access token. That is asked with
 * the access token alone: a refresh could kill the grant under the system that still holds it.
 */
async function confirmedConfig(
  deps: ConnectionDeps,
  provider: Provider,
  body: Body,
  integration: StoredIntegration,
): Promise<Pick<SaveConnection, 'connectionConfig' | 'org' | 'alongside'>> {
  const config = body.connection_config ?? {}
  const misplaced = misplacedIn(config)
  if (misplaced) throw invalidField(['connection_config', misplaced.name], misplaced.reason)
  if (body.credentials.type !== 'OAUTH2') return { connectionConfig: config }
  const { instance_url: instanceUrl } = config
  if (instanceUrl !== undefined && (typeof instanceUrl !== 'string' || !deps.instanceHostAllowed(provider, instanceUrl)))
    throw fail('instance_url_refused')
  const imported = { accessToken: body.credentials.access_token, connectionConfig: config }
  const confirmed = await deps.confirmImport(provider, imported, integration)
  return { ...confirmed, connectionConfig: { ...config, ...confirmed.connectionConfig } }
}

/** A limited key makes only connections that it will see. */
function requireOwn(principal: OwnSide, body: Body): void {
  if (principal.limits?.connections === undefined) return
  const { connection_id: connectionId = '', provider_config_key: integrationKey } = body
  if (!seesConnection(principal, { connectionId, integrationKey, tags: described(body).tags ?? {} }))
    throw fail('forbidden', { message: 'This key is limited to some connections: `connection_id` and `tags` must be those of its limits.' })
}

function importedCredentials(given: Body['credentials']): StoredCredentials {
  if (given.type === 'NONE') return { type: 'NONE' }
  const { access_token, refresh_token, expires_at } = given
  return {
    type: 'OAUTH2',
    access_token,
    ...(refresh_token === undefined ? {} : { refresh_token }),
    ...(expires_at === undefined ? {} : { expires_at: new Date(expires_at).toISOString() }),
    raw: { access_token, ...(refresh_token === undefined ? {} : { refresh_token }) },
  }
}

function clientOfImport(given: Body['credentials']): SaveConnection['client'] {
  const override = given.type === 'OAUTH2' ? given.config_override : undefined
  return override ? { kind: 'own', clientId: override.client_id, clientSecret: override.client_secret } : { kind: 'integration' }
}

function described(body: Body): Pick<SaveConnection, 'metadata' | 'tags' | 'endUser' | 'webhookUrlOverride'> {
  const { metadata, end_user: endUser, tags, webhook_url_override: webhook } = body
  const hasTags = tags !== undefined || endUser !== undefined
  return {
    ...(metadata === undefined ? {} : { metadata }),
    ...(endUser === undefined ? {} : { endUser: toEndUser(endUser) }),
    ...(hasTags ? { tags: { ...(endUser ? tagsOfEndUser(endUser) : {}), ...lowerCaseNames(tags ?? {}) } } : {}),
    ...(webhook === undefined ? {} : { webhookUrlOverride: webhook === '' ? null : webhook }),
  }
}
