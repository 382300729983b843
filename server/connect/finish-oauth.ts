/** `GET /oauth/callback`: the customer is back from the provider. */
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { z } from 'zod'
import { oauthCallback } from '@hawser/api/browser.ts'
import { Failure, fail } from '@hawser/api/errors.ts'
import type { OAuthClient } from '#auth-modes/auth-mode.ts'
import type { StoredIntegration } from '#integrations/integration.ts'
import type { SavedConnection } from '#connections/connections.ts'
import { diagnoseAuthorizeFailure, diagnoseTokenFailure } from '#diagnosis/diagnose.ts'
import { findUnstorable } from '#http/check-values.ts'
import { openIssue } from '#issues/open-issue.ts'
import { secret } from '#lib/secret.ts'
import { exchangeCode } from '#oauth/token-request.ts'
import type { TokenFailure, Tokens } from '#oauth/token-response.ts'
import type { Provider } from '#providers/schema.ts'
import { mayReceiveTokens } from '#providers/token-hosts.ts'
import { quirkOf } from '#quirks/all.ts'
import { admitOrg, type Admitted, type SignedIn } from './admit-org.ts'
import { isSameBrowser } from './browser-cookie.ts'
import { sendFailurePage, sendSuccessPage } from './callback-page.ts'
import type { ConnectDeps } from './connect-deps.ts'
import { approvalsBefore, noteApproval } from './count-approvals.ts'
import { diagnosisOf } from './failed-sign-in.ts'
import { installUrlFor } from './install-link.ts'
import { noteFailedSignIn } from './note-failed-sign-in.ts'
import { takePending, type Taken } from './pending-oauth.ts'
import { sendBack } from './return-url.ts'
import { revokeRefused } from './revoke-refused.ts'
import type { SessionResult } from './session.ts'
import { asFailure, tellFailure, tellSuccess, type Attempt } from './settle.ts'
import { findSession, setSessionResult } from './store.ts'

type Query = z.output<typeof oauthCallback.query>

export function finishOauth(deps: ConnectDeps) {
  return async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
    const { publicUrl } = deps.kit.config
    const query = oauthCallback.query.safeParse(request.query)
    const state = query.success ? query.data.state : undefined
    let taken: Taken | undefined
    try {
      taken = state === undefined ? undefined : await takePending(deps.kit.db.kysely, deps.kit.vault, state)
    } catch (error) {
      return sendFailurePage(reply, publicUrl, undefined, asFailure(deps, error))
    }
    if (!taken || !query.success) return sendFailurePage(reply, publicUrl, undefined, fail('state_err'))
    const attempt: Attempt = {
      sessionId: taken.sessionId,
      integrationKey: taken.signIn.integrationKey,
      wsClientId: taken.wsClientId,
      mode: taken.mode,
    }
    try {
      const sameBrowser = isSameBrowser(request, publicUrl, taken.browserHash)
      const saved = await connectionFrom(deps, taken, query.data, sameBrowser)
      await tellSuccess(deps, attempt, saved.connection.connectionId)
      return (await sendBack(deps, reply, attempt)) ?? sendSuccessPage(reply, publicUrl, attempt)
    } catch (error) {
      const failure = asFailure(deps, error)
      await tellFailure(deps, attempt, failure)
      await noteFailedSignIn(deps, taken, failure)
      const back = await sendBack(deps, reply, attempt, failure)
      if (back) return back
      const installUrl = await installUrlFor(deps, taken.environmentId, attempt.integrationKey, diagnosisOf(failure))
      return sendFailurePage(reply, publicUrl, attempt, failure, installUrl)
    }
  }
}

async function connectionFrom(deps: ConnectDeps, taken: Taken, query: Query, sameBrowser: boolean): Promise<SavedConnection> {
  if (!sameBrowser) throw fail('state_cookie_err')
  if (!taken.inTime) throw fail('state_err')
  const session = await findSession(deps.kit.db.kysely, taken.sessionId)
  if (!session) throw sessionOver()
  const { integration, provider } = await targetOf(deps, taken)
  checkIssuer(provider, taken, query.iss)
  const code = codeFrom(provider, query)
  const client = await clientFor(deps, taken, integration)
  const tokens = await tokensFor(deps, taken, provider, client, code)
  let isStored = false
  const stored = () => void (isStored = true)
  try {
    const { authorizeHost: loginHost } = taken.signIn
    return await connectionOf(deps, taken, { session, integration, provider, client, tokens, loginHost, stored }, query)
  } catch (error) {
    // After the commit these are the tokens of a living connection; what is no refusal of ours may hide a commit whose answer was lost.
    const { connectionConfig } = taken.signIn
    if (error instanceof Failure && !isStored)
      await revokeRefused(deps, {
        ...{ environmentId: taken.environmentId, integrationId: integration.id, connectionConfig },
        provider,
        client,
        tokens,
      })
    throw error
  }
}

async function connectionOf(
  deps: ConnectDeps,
  taken: Taken,
  signIn: Omit<SignedIn, 'connectionConfig'> & Pick<SaveInput, 'client' | 'stored'>,
  query: Query,
): Promise<SavedConnection> {
  const { provider, tokens, client } = signIn
  const extras = quirkOf(provider).readTokenAnswer({ provider, raw: tokens.raw, phase: 'connect', clientSecret: client.clientSecret })
  if (!extras.ok) throw fail(extras.code, { message: extras.message, ...(extras.diagnosis ? { diagnosis: extras.diagnosis } : {}) })
  const connectionConfig = { ...taken.signIn.connectionConfig, ...callbackMetadata(provider, query), ...extras.connectionConfig }
  const signedIn = { ...signIn, connectionConfig }
  const admitted = await admitOrg(deps, signedIn)
  const before = await approvalsBefore(deps, signedIn)
  const saved = await save(deps, { taken, ...signedIn, admitted })
  if (before) await noteApproval(deps, { saved: saved.connection, integration: signIn.integration, before })
  return saved
}

function sessionOver(): Failure {
  return fail('state_err', { message: 'The connect session is over. Start again.' })
}

async function targetOf(deps: ConnectDeps, taken: Taken): Promise<{ integration: StoredIntegration; provider: Provider }> {
  const integration = await deps.findIntegration(taken.environmentId, taken.signIn.integrationKey)
  if (!integration || integration.id !== taken.integrationId) throw fail('unknown_provider_config')
  const provider = deps.kit.catalogue.get(integration.provider)
  if (!provider) throw fail('unknown_provider')
  return { integration, provider }
}

/**
 * RFC 9207: an answer from another authorization server than the one we went to is a mix-up attack; its code must not be sent anywhere. Without an issuer in
 * the catalogue, the host that we went to is compared by name alone: nothing is sent to an `iss`, so one that says `http://` of that host, against the RFC,
 * names no other server. Other hosts of the family count with `https://` only.
 */
function checkIssuer(provider: Provider, taken: Taken, issuer: string | undefined): void {
  if (issuer === undefined) return
  const url = URL.canParse(issuer) ? new URL(issuer) : undefined
  const fits =
    provider.issuer === undefined
      ? url !== undefined &&
        (url.host === taken.signIn.authorizeHost || (provider.family !== undefined && mayReceiveTokens(provider, url, undefined)))
      : issuer === provider.issuer
  if (!fits) throw fail('callback_err', { message: 'The answer came from another authorization server than the one that was asked.' })
}

function codeFrom(provider: Provider, query: Query): string {
  if (query.error !== undefined) {
    const diagnosis = diagnoseAuthorizeFailure(quirkOf(provider).family, { error: query.error, error_description: query.error_description })
    // The provider's own words come from the address bar, where anybody can write: ours are shown, theirs only identify the case.
    throw fail('callback_err', { message: diagnosis.title, diagnosis, internal: printable(query.error) })
  }
  const code = query[provider.authorization_code_param_in_callback ?? 'code']
  if (typeof code !== 'string' || code === '') throw fail('callback_err', { message: 'The provider sent no authorization code.' })
  return code
}

function printable(text: string): string {
  return text.replaceAll(/[^\w .:-]/g, '?').slice(0, 100)
}

type Client = OAuthClient & { id?: string }

/** The one that the customer was sent with: its code is good for no other, and the integration may have another by now. */
async function clientFor(deps: ConnectDeps, taken: Taken, integration: StoredIntegration): Promise<Client> {
  const own = taken.signIn.ownClient
  if (own) return { clientId: own.clientId, clientSecret: own.clientSecret === undefined ? undefined : secret(own.clientSecret) }
  const client = await deps.clientOf(integration, taken.oauthClientId)
  if (!client) throw fail('missing_client_id')
  return client
}

async function tokensFor(deps: ConnectDeps, taken: Taken, provider: Provider, client: OAuthClient, code: string): Promise<Tokens> {
  const { redirectUri, verifier, connectionConfig } = taken.signIn
  const { egress, clock, config } = deps.kit
  const outcome = await exchangeCode(
    { egress, provider, client, connectionConfig, timeoutMs: config.refreshRequestMs, nowMs: clock.now() },
    { code, redirectUri, verifier },
  )
  if (outcome.ok) return outcome.tokens
  const { failure } = outcome
  const diagnosis = diagnoseTokenFailure(quirkOf(provider).family, {
    ...failure,
    bodyKind: failure.bodyKind === 'none' ? 'empty' : failure.bodyKind,
  })
  throw fail('token_err', { message: diagnosis.title, diagnosis, internal: summaryOf(failure) })
}

function summaryOf({ status, error, error_description, network, bodyKind }: TokenFailure): string {
  return [`status ${status ?? '-'}`, `body ${bodyKind}`, network, error, error_description].filter((part) => part !== undefined).join(', ')
}

/** `redirect_uri_metadata`: parameters of the callback that the entry wants kept, e.g. a realm. They are the browser's word, so templates check them again. */
function callbackMetadata(provider: Provider, query: Query): Record<string, string> {
  const names = provider.redirect_uri_metadata ?? []
  const kept = names.map((name) => [name, query[name]] as const)
  return Object.fromEntries(
    kept.filter(
      (pair): pair is readonly [string, string] => typeof pair[1] === 'string' && pair[1].length <= 2000 && !findUnstorable(pair[1]),
    ),
  )
}

interface SaveInput extends SignedIn {
  taken: Taken
  client: Client
  admitted: Admitted
  stored: () => void
}

function save(deps: ConnectDeps, input: SaveInput): Promise<SavedConnection> {
  const { taken, session, integration, provider, tokens, connectionConfig, admitted, stored } = input
  const { id, clientId, clientSecret } = input.client
  const own = taken.signIn.ownClient
  const renews = session.reconnects !== null
  return deps.connections.save({
    environmentId: session.environmentId,
    environmentName: session.environmentName,
    integration,
    authMode: provider.auth_mode,
    credentials: { type: 'OAUTH2', ...tokens },
    client: own
      ? { kind: 'own', clientId: own.clientId, clientSecret: own.clientSecret }
      : { kind: 'integration', ...(id === undefined ? {} : { minted: { id, clientId, clientSecret } }) },
    connectionConfig,
    ...(admitted.org ? { org: admitted.org } : {}),
    ...(session.reconnects === null ? {} : { reconnects: session.reconnects }),
    // A reconnect keeps what its session does not set.
    ...(renews && Object.keys(session.tags).length === 0 ? {} : { tags: session.tags }),
    ...(renews && session.endUser === null ? {} : { endUser: session.endUser }),
    ...(session.webhookUrlOverride === null ? {} : { webhookUrlOverride: session.webhookUrlOverride || null }),
    alongside: async (transaction, saved) => {
      const result: SessionResult = { outcome: 'success', provider_config_key: integration.uniqueKey, connection_id: saved.connectionId }
      // Deleted while the code was exchanged: what it had under way ends with it.
      if (!(await setSessionResult(transaction, session.id, result))) throw sessionOver()
      const { environmentId, id } = saved
      const { wrongKind: diagnosis } = admitted
      if (diagnosis) await openIssue(transaction, { environmentId, connectionId: id, kind: 'wrong_org_kind', diagnosis }, deps.issueEvents)
    },
    stored,
    actor: { kind: 'connect_session', id: session.id },
  })
}
