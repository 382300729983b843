/** `GET /oauth/connect/:providerConfigKey`: sends the customer's browser to the provider. */
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { z } from 'zod'
import { oauthConnect } from '@hawser/api/browser.ts'
import { Failure, fail } from '@hawser/api/errors.ts'
import type { OAuthClient } from '#auth-modes/auth-mode.ts'
import type { StoredIntegration } from '#integrations/integration.ts'
import { authorizationUrl, fixedParamsIn } from '#oauth/authorization-url.ts'
import { newPkce } from '#oauth/pkce.ts'
import { findUnstorable } from '#http/check-values.ts'
import { secret } from '#lib/secret.ts'
import type { Provider } from '#providers/schema.ts'
import { fieldErrors } from '#http/parse-input.ts'
import { admittedSession, readKey } from './admitted-session.ts'
import { bindBrowser } from './browser-cookie.ts'
import { sendFailurePage } from './callback-page.ts'
import { checkFields } from './check-fields.ts'
import type { ConnectDeps } from './connect-deps.ts'
import { newState, putPending, type SignIn } from './pending-oauth.ts'
import { openDefaults } from './session-defaults.ts'
import { requireReturnUrl, sendBack } from './return-url.ts'
import type { IntegrationDefaults, StoredSession } from './session.ts'
import { asFailure, tellFailure, type Attempt } from './settle.ts'
import { setSessionResult } from './store.ts'

type Query = z.output<typeof oauthConnect.query>

/**
 * What the caller did wrong as a program (a bad token, an integration that the session does not cover) is JSON, thrown, unless `mode` says
 * that a person looks at it; what concerns the person in front of the browser is a page, and is also told to the opener and kept as the session's result.
 */
export function beginOauth(deps: ConnectDeps) {
  return async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
    const key = readKey(request)
    const query = readQuery(request)
    let session: StoredSession
    try {
      session = await admittedByQuery(deps, key, query)
    } catch (error) {
      // Without a popup a person looks at the answer: the link may have expired while the form was filled in.
      if (query.mode === undefined || query.mode === 'popup' || !(error instanceof Failure)) throw error
      return sendFailurePage(reply, deps.kit.config.publicUrl, undefined, error)
    }
    const attempt: Attempt = { sessionId: session.id, integrationKey: key, wsClientId: query.ws_client_id, mode: query.mode ?? 'popup' }
    try {
      await setSessionResult(deps.kit.db.kysely, session.id, null)
      if (attempt.mode === 'redirect') requireReturnUrl(session)
      const defaults = (await openDefaults(deps.kit.vault, session))[key] ?? {}
      const prepare = () => prepareSignIn(deps, session, key, query, defaults)
      const first = await prepare()
      const browserHash = bindBrowser(request, reply, deps.kit.config.publicUrl)
      // The integration's app may have been replaced in this very moment: then the sign-in leaves with the new one.
      const url = (await putDown(deps, attempt, first, browserHash)) ?? (await putDown(deps, attempt, await prepare(), browserHash))
      if (!url) throw fail('conflict', { message: 'The integration’s app is being changed. Try again.' })
      // The query of this request holds the session's token: the provider must not see it as a referrer.
      return reply.header('referrer-policy', 'no-referrer').header('cache-control', 'no-store').redirect(url.href, 302)
    } catch (error) {
      const failure = asFailure(deps, error)
      await tellFailure(deps, attempt, failure)
      return (await sendBack(deps, reply, attempt, failure)) ?? sendFailurePage(reply, deps.kit.config.publicUrl, attempt, failure)
    }
  }
}

/** Where the browser goes; undefined if the integration's app has been replaced by another since `prepared` was. */
async function putDown(
  { kit }: ConnectDeps,
  { sessionId, wsClientId, mode }: Attempt,
  { integration, oauthClientId, state, signIn, url }: Prepared,
  browserHash: Buffer,
): Promise<URL | undefined> {
  const { environmentId, id: integrationId } = integration
  const pending = { environmentId, integrationId, oauthClientId, sessionId, browserHash, wsClientId, mode }
  return (await putPending(kit.db.kysely, kit.vault, state, pending, signIn)) ? url : undefined
}

function readQuery(request: FastifyRequest): Query {
  const unstorable = findUnstorable(request.query)
  if (unstorable) throw fail('invalid_query_params', { errors: [unstorable] })
  const query = oauthConnect.query.safeParse(request.query)
  if (!query.success) throw fail('invalid_query_params', { errors: fieldErrors(query.error) })
  return query.data
}

async function admittedByQuery(deps: ConnectDeps, key: string, query: Query): Promise<StoredSession> {
  if (query.connect_session_token === undefined) {
    throw fail('missing_auth_header', { message: 'Send the connect session’s token as connect_session_token.' })
  }
  if (query.connection_id !== undefined && query.connection_id !== '') {
    await deps.authenticateSession(query.connect_session_token)
    throw fail('invalid_query_params', {
      errors: [{ code: 'forbidden', message: 'connection_id is forbidden when using session token', path: ['connection_id'] }],
    })
  }
  return admittedSession(deps, query.connect_session_token, key)
}

interface Prepared {
  integration: StoredIntegration
  oauthClientId: string | undefined
  state: string
  signIn: SignIn
  url: URL
}

async function prepareSignIn(
  deps: ConnectDeps,
  session: StoredSession,
  key: string,
  query: Query,
  defaults: IntegrationDefaults,
): Promise<Prepared> {
  const integration = await deps.findIntegration(session.environmentId, key)
  if (!integration) throw fail('unknown_provider_config')
  const provider = deps.kit.catalogue.get(integration.provider)
  if (!provider) throw fail('unknown_provider')
  if (provider.auth_mode !== 'OAUTH2') throw fail('invalid_auth_mode')
  const fields = checkFields(provider, { params: query.params ?? {}, defaults: defaults.connection_config ?? {} })
  if (!fields.ok) throw fail('url_param_err', { message: fields.errors.map((error) => error.message).join(' '), errors: fields.errors })
  const ownClient = ownClientIn(query, defaults)
  const client: (OAuthClient & { id?: string }) | undefined = ownClient ? asClient(ownClient) : await deps.clientOf(integration)
  if (!client) throw fail('missing_client_id')
  const redirectUri = await deps.callbackUrlOf(session.environmentId)
  const pkce = provider.disable_pkce === true ? undefined : newPkce()
  const state = newState()
  const authorization = authorizationUrl({
    provider,
    clientId: client.clientId,
    redirectUri,
    scopes: scopesFor(provider, integration, query, defaults),
    state,
    ...(pkce ? { challenge: pkce.challenge } : {}),
    connectionConfig: fields.connectionConfig,
    extraParams: extraParams(provider, query, defaults),
  })
  if (!authorization.ok) throw fail('invalid_hostname', { internal: authorization.reason })
  const signIn: SignIn = {
    integrationKey: key,
    redirectUri,
    authorizeHost: authorization.url.host,
    ...(pkce ? { verifier: pkce.verifier } : {}),
    connectionConfig: fields.connectionConfig,
    ...(ownClient ? { ownClient } : {}),
  }
  return { integration, oauthClientId: client.id, state, signIn, url: authorization.url }
}

/** The backend's client wins over the browser's, as all its settings do; in the browser's address stands what a page's own code wanted. */
function ownClientIn(query: Query, { connection_config: config, own_app: pasted }: IntegrationDefaults): SignIn['ownClient'] {
  const clients = [
    { id: config?.['oauth_client_id_override'], secret: config?.['oauth_client_secret_override'] },
    { id: query.credentials?.oauth_client_id_override, secret: query.credentials?.oauth_client_secret_override },
    { id: pasted?.client_id, secret: pasted?.client_secret },
  ]
  const chosen = clients.find(({ id }) => typeof id === 'string' && id.trim() !== '')
  if (!chosen || typeof chosen.id !== 'string') return undefined
  const trimmed = typeof chosen.secret === 'string' ? chosen.secret.trim() : ''
  return { clientId: chosen.id.trim(), ...(trimmed === '' ? {} : { clientSecret: trimmed }) }
}

function asClient({ clientId, clientSecret }: NonNullable<SignIn['ownClient']>): OAuthClient {
  return { clientId, clientSecret: clientSecret === undefined ? undefined : secret(clientSecret) }
}

function scopesFor(
  provider: Provider,
  integration: StoredIntegration,
  query: Query,
  { connection_config: config }: IntegrationDefaults,
): string[] {
  const override = config?.['oauth_scopes_override'] ?? query.params?.['oauth_scopes_override']
  const text = typeof override === 'string' && override !== '' ? override : integration.scopes
  if (text === null || text.trim() === '') return provider.default_scopes ?? []
  return text.split(/[\s,]+/).filter((scope) => scope !== '')
}

function extraParams(provider: Provider, query: Query, defaults: IntegrationDefaults): Record<string, string> {
  const params = { ...(defaults.authorization_params ?? query.authorization_params) }
  // Scopes that the session sets win in this spelling, too.
  if (defaults.connection_config?.['oauth_scopes_override'] && !defaults.authorization_params) delete params['scope']
  const fixed = fixedParamsIn(params)
  if (fixed.length > 0) throw fail('url_param_err', { message: `authorization_params cannot set ${fixed.join(', ')}.` })
  const userScopes = defaults.user_scopes ?? query.user_scope
  if (provider.user_scope_parameter !== undefined && userScopes) params[provider.user_scope_parameter] = userScopes
  return params
}
