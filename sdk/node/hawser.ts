import { HawserError } from './hawser-error.ts'
import { proxy, type ProxyMethod, type ProxyRequest, type ProxyResponse } from './proxy.ts'
import { queryString } from './query-string.ts'
import { readAnswer, send, type Connector } from './send.ts'
import type * as types from './types.ts'
import { verifyWebhook, type VerifyOptions, type WebhookHeaders } from './verify-webhook.ts'
import { waitForConnection, type WaitOptions } from './wait-for-connection.ts'

export { HawserError, type ClientErrorCode } from './hawser-error.ts'
export { verifyWebhook, type VerifyOptions, type WebhookHeaders } from './verify-webhook.ts'
export type { ProxyMethod, ProxyRequest, ProxyResponse } from './proxy.ts'
export type { WaitOptions } from './wait-for-connection.ts'
export type * from './types.ts'

export interface HawserOptions {
  /** Default: the environment variable `HAWSER_API_KEY`. */
  apiKey?: string
  /** Default: the environment variable `HAWSER_HOST_URL`, else `http://localhost:3003`. */
  host?: string
  /** In place of the built-in one, e.g. behind a forward proxy. */
  fetch?: typeof globalThis.fetch
  /** For each call to the API itself; default 60 s, since a refresh at the provider may have to be waited for. */
  timeoutMs?: number
}

type Streamed = ReadableStream<Uint8Array> | null

/** Client of one environment. Every method throws `HawserError`. */
export class Hawser {
  readonly #connector: Connector
  readonly #apiKey: string

  constructor(options: HawserOptions = {}) {
    const apiKey = options.apiKey ?? process.env['HAWSER_API_KEY']
    if (!apiKey) throw new TypeError('apiKey: pass one, or set HAWSER_API_KEY')
    const host = (options.host ?? process.env['HAWSER_HOST_URL'] ?? 'http://localhost:3003').replace(/\/+$/, '')
    if (!URL.canParse(host) || !/^https?:/.test(host)) throw new TypeError('host: must be an http or https URL')
    this.#apiKey = apiKey
    this.#connector = { host, fetch: options.fetch ?? globalThis.fetch, timeoutMs: options.timeoutMs ?? 60_000 }
  }

  // Connect sessions

  /** The token goes to your frontend; `connect_link` may be opened as it is. */
  async createConnectSession(session: types.CreateConnectSessionBody): Promise<types.CreateConnectSessionReply['data']> {
    return this.#data(await this.#call('POST', '/connect/sessions', { body: session }))
  }

  /** As `createConnectSession`, to renew an existing connection. */
  async createReconnectSession(session: types.CreateReconnectSessionBody): Promise<types.CreateReconnectSessionReply['data']> {
    return this.#data(await this.#call('POST', '/connect/sessions/reconnect', { body: session }))
  }

  /** What a session's token stands for, and how its last attempt ended. */
  async getConnectSession(sessionToken: string): Promise<types.GetConnectSessionReply['data']> {
    return this.#data(await this.#call('GET', '/connect/session', { token: sessionToken }))
  }

  async deleteConnectSession(sessionToken: string): Promise<void> {
    await this.#call('DELETE', '/connect/session', { token: sessionToken })
  }

  /** Resolves with the newest connection of the user or tags, once there is one. */
  waitForConnection(integration: string, options: WaitOptions): Promise<types.ListedConnection> {
    return waitForConnection((query, signal) => this.listConnections(query, { signal }), integration, options)
  }

  // Connections

  /** Newest first, without credentials. */
  async listConnections(
    query: types.ListConnectionsQuery = {},
    { signal }: { signal?: AbortSignal | undefined } = {},
  ): Promise<types.ListedConnection[]> {
    const reply = await this.#call<types.ListConnectionsReply>('GET', '/connections', { query, signal })
    return reply.connections
  }

  /** With credentials that work, if the key may read them; with the refresh token only if asked and allowed. */
  getConnection(
    integration: string,
    connectionId: string,
    options: { forceRefresh?: boolean; refreshToken?: boolean } = {},
  ): Promise<types.Connection> {
    const query = { provider_config_key: integration, force_refresh: options.forceRefresh, refresh_token: options.refreshToken }
    return this.#call('GET', `/connections/${part(connectionId)}`, { query })
  }

  /** An access token that works. Prefer `proxy`: then the token never leaves the server. */
  async getToken(integration: string, connectionId: string, options: { forceRefresh?: boolean } = {}): Promise<string> {
    const { credentials } = await this.getConnection(integration, connectionId, options)
    if ('access_token' in credentials && typeof credentials.access_token === 'string') return credentials.access_token
    throw new HawserError('forbidden', 'No token in the answer: the API key needs the scope environment:connections:read_credentials.', {
      status: 200,
    })
  }

  /** Brings in a connection whose credentials come from elsewhere; an existing one of that id is replaced. */
  importConnection(connection: types.ImportConnectionBody): Promise<types.Connection> {
    return this.#call('POST', '/connections', { body: connection })
  }

  async updateConnection(integration: string, connectionId: string, change: types.UpdateConnectionBody): Promise<void> {
    await this.#call('PATCH', `/connections/${part(connectionId)}`, { query: { provider_config_key: integration }, body: change })
  }

  /** Also revokes the grant at the provider, unless another connection shares it. */
  async deleteConnection(integration: string, connectionId: string): Promise<void> {
    await this.#call('DELETE', `/connections/${part(connectionId)}`, { query: { provider_config_key: integration } })
  }

  /** Replaces the metadata of one or more connections: of all, or of none. */
  async setMetadata(integration: string, connectionId: string | string[], metadata: Record<string, unknown>): Promise<void> {
    await this.#call('POST', '/connections/metadata', { body: metadataBody(integration, connectionId, metadata) })
  }

  /** Merges into the metadata, first level only. */
  async updateMetadata(integration: string, connectionId: string | string[], metadata: Record<string, unknown>): Promise<void> {
    await this.#call('PATCH', '/connections/metadata', { body: metadataBody(integration, connectionId, metadata) })
  }

  /**
   * A token that calls this one connection through the proxy or the gateway, and nothing else: for a browser, a script, a tool that must not hold the API key.
   * `expires_in` in seconds, 900 unless given.
   */
  async createConnectionToken(
    integration: string,
    connectionId: string,
    options: types.CreateConnectionTokenBody = {},
  ): Promise<types.ConnectionToken> {
    const query = { provider_config_key: integration }
    return this.#data(await this.#call('POST', `/connections/${part(connectionId)}/tokens`, { query, body: options }))
  }

  /** Those that work at the moment, latest first, never the tokens themselves. `next` goes into `before`. */
  listConnectionTokens(query: types.ListConnectionTokensQuery = {}): Promise<types.ListConnectionTokensReply> {
    return this.#call('GET', '/connection-tokens', { query })
  }

  async deleteConnectionToken(tokenId: string): Promise<void> {
    await this.#call('DELETE', `/connection-tokens/${part(tokenId)}`)
  }

  /** Says how many of them still worked. JWTs go on: delete their signing key, or freeze the connection. */
  async deleteTokensOfConnection(integration: string, connectionId: string): Promise<types.EndedTokens> {
    const query = { provider_config_key: integration }
    return this.#data(await this.#call('DELETE', `/connections/${part(connectionId)}/tokens`, { query }))
  }

  /** A connection token for a JWT that your backend has signed: for clients that take no `-` in a token, such as the Salesforce CLI. */
  async exchangeToken(jwt: types.ExchangeTokenBody): Promise<types.ConnectionToken> {
    return this.#data(await this.#call('POST', '/connection-tokens/exchange', { body: jwt }))
  }

  // Integrations and providers

  /** What is, or was, wrong with connections, latest first; open issues unless `state` says otherwise. `next` goes into `before`. */
  async listIssues(query: types.ListIssuesQuery = {}): Promise<types.ListIssuesReply> {
    return this.#call('GET', '/issues', { query })
  }

  async listIntegrations(): Promise<types.Integration[]> {
    return this.#data(await this.#call('GET', '/integrations'))
  }

  async createIntegration(integration: types.CreateIntegrationBody): Promise<types.Integration> {
    return this.#data(await this.#call('POST', '/integrations', { body: integration }))
  }

  /** Without credentials: they are set later, or belong to each connection. */
  async createQuickstartIntegration(integration: types.CreateQuickstartIntegrationBody): Promise<types.Integration> {
    return this.#data(await this.#call('POST', '/integrations/quickstart', { body: integration }))
  }

  async getIntegration(uniqueKey: string, options: types.GetIntegrationQuery = {}): Promise<types.Integration> {
    return this.#data(await this.#call('GET', `/integrations/${part(uniqueKey)}`, { query: options }))
  }

  async updateIntegration(uniqueKey: string, change: types.UpdateIntegrationBody): Promise<types.Integration> {
    return this.#data(await this.#call('PATCH', `/integrations/${part(uniqueKey)}`, { body: change }))
  }

  /** With all its connections. */
  async deleteIntegration(uniqueKey: string): Promise<void> {
    await this.#call('DELETE', `/integrations/${part(uniqueKey)}`)
  }

  /** The integration's client credentials, and how many connections live on each; never a secret. */
  async listIntegrationClients(uniqueKey: string): Promise<types.IntegrationClient[]> {
    return this.#data(await this.#call('GET', `/integrations/${part(uniqueKey)}/clients`))
  }

  /** The next credentials of the same app, while both are valid. */
  async stageIntegrationClient(uniqueKey: string, client: types.StageIntegrationClientBody): Promise<types.IntegrationClient> {
    return this.#data(await this.#call('PUT', `/integrations/${part(uniqueKey)}/clients/staged`, { body: client }))
  }

  async promoteIntegrationClient(uniqueKey: string): Promise<types.IntegrationClient> {
    return this.#data(await this.#call('POST', `/integrations/${part(uniqueKey)}/clients/staged/promote`))
  }

  async deleteStagedIntegrationClient(uniqueKey: string): Promise<void> {
    await this.#call('DELETE', `/integrations/${part(uniqueKey)}/clients/staged`)
  }

  /** `id`: of the row, as `listIntegrationClients` names it. Refused while a connection needs it. */
  async deleteIntegrationClient(uniqueKey: string, id: string): Promise<types.DeleteIntegrationClientReply> {
    return this.#call('DELETE', `/integrations/${part(uniqueKey)}/clients/${part(id)}`)
  }

  /** Before and after a connected app becomes an External Client App. */
  async recordAppMigration(uniqueKey: string, step: types.RecordAppMigrationBody): Promise<types.Integration> {
    return this.#data(await this.#call('POST', `/integrations/${part(uniqueKey)}/app-migration`, { body: step }))
  }

  /** An External Client App as a Salesforce project, ready to deploy. */
  async salesforceAppFiles(app: types.SalesforceAppFilesBody): Promise<types.SalesforceAppFiles> {
    return this.#data(await this.#call('POST', '/salesforce/apps/files', { body: app }))
  }

  /** Asks Salesforce whether it takes the integration's client id, callback URL and scopes. Nobody is logged in by it. */
  async probeIntegration(uniqueKey: string, options: types.ProbeIntegrationBody = {}): Promise<types.IntegrationProbe> {
    return this.#data(await this.#call('POST', `/integrations/${part(uniqueKey)}/probe`, { body: options }))
  }

  /** Explains an error that somebody saw: an address, the text of a page, JSON, the output of the Salesforce CLI. */
  async diagnoseText(text: string, options: { integration?: string } = {}): Promise<types.ExplainedText> {
    return this.#data(await this.#call('POST', '/doctor', { body: { text, ...options } }))
  }

  async listProviders(query: types.ListProvidersQuery = {}): Promise<types.Provider[]> {
    return this.#data(await this.#call('GET', '/providers', { query }))
  }

  async getProvider(name: string): Promise<types.Provider> {
    return this.#data(await this.#call('GET', `/providers/${part(name)}`))
  }

  // Environment and API keys

  async getEnvironment(): Promise<types.Environment> {
    return this.#data(await this.#call('GET', '/environment'))
  }

  async updateEnvironment(change: types.UpdateEnvironmentBody): Promise<types.Environment> {
    return this.#data(await this.#call('PATCH', '/environment', { body: change }))
  }

  async listApiKeys(): Promise<types.ApiKey[]> {
    return this.#data(await this.#call('GET', '/environment/api-keys'))
  }

  /** `secret` is shown this once. */
  async createApiKey(key: types.CreateApiKeyBody): Promise<types.CreatedApiKey> {
    return this.#data(await this.#call('POST', '/environment/api-keys', { body: key }))
  }

  /** Its connection tokens end with it. The answer names the keys that were made with it; `cascade` ends them too. */
  deleteApiKey(keyId: string, options: { cascade?: boolean } = {}): Promise<types.RevokedApiKey> {
    return this.#call('DELETE', `/environment/api-keys/${part(keyId)}`, { query: options })
  }

  async listSigningKeys(): Promise<types.SigningKey[]> {
    return this.#data(await this.#call('GET', '/environment/signing-keys'))
  }

  /** Registers a public key of yours: what it signs (JWT) calls connections through the proxy and the gateway. Its `id` is the `kid` of those tokens. */
  async createSigningKey(key: types.CreateSigningKeyBody): Promise<types.SigningKey> {
    return this.#data(await this.#call('POST', '/environment/signing-keys', { body: key }))
  }

  /** Ends all of its tokens at once. */
  async deleteSigningKey(keyId: string): Promise<void> {
    await this.#call('DELETE', `/environment/signing-keys/${part(keyId)}`)
  }

  async listAudit(query: types.ListAuditQuery = {}): Promise<types.ListAuditReply> {
    return this.#call('GET', '/audit', { query })
  }

  /** What happened, latest first; `next` goes into `cursor`. With `after` (`latest` of an answer before): what has happened since. */
  async listActivity(query: types.ListActivityQuery = {}): Promise<types.ListActivityReply> {
    return this.#call('GET', '/activity', { query })
  }

  async getActivity(operationId: string): Promise<types.Operation> {
    return this.#data(await this.#call('GET', `/activity/${encodeURIComponent(operationId)}`))
  }

  /** Of the last hour, day, week or 30 days; the day unless `hours` says otherwise. */
  async getOverview(query: types.GetOverviewQuery = {}): Promise<types.Overview> {
    return this.#data(await this.#call('GET', '/overview', { query }))
  }

  /** Webhooks of the last days, latest first; `next` goes into `cursor`. */
  async listDeliveries(query: types.ListDeliveriesQuery = {}): Promise<types.ListDeliveriesReply> {
    return this.#call('GET', '/webhooks/deliveries', { query })
  }

  async getDelivery(deliveryId: string): Promise<types.WholeWebhookDelivery> {
    return this.#data(await this.#call('GET', `/webhooks/deliveries/${encodeURIComponent(deliveryId)}`))
  }

  async replayDelivery(deliveryId: string): Promise<types.WebhookDelivery> {
    return this.#data(await this.#call('POST', `/webhooks/deliveries/${encodeURIComponent(deliveryId)}/replay`))
  }

  /** Those that were given up, up to 500 a call; call again while `remaining` is not 0. */
  async replayDeliveries(body: types.ReplayDeliveriesBody): Promise<types.ReplayDeliveriesReply['data']> {
    return this.#data(await this.#call('POST', '/webhooks/deliveries/replay', { body }))
  }

  async testWebhook(): Promise<types.WebhookDelivery> {
    return this.#data(await this.#call('POST', '/webhooks/test'))
  }

  /** State, key and frozen places of the vault; nothing secret. */
  async getVault(): Promise<types.VaultStatus> {
    return this.#data(await this.#call('GET', '/vault'))
  }

  // The kill switch

  async freezeEnvironment(reason?: string): Promise<types.Freeze> {
    return this.#data(await this.#call('POST', '/environment/freeze', { body: { reason } }))
  }

  async unfreezeEnvironment(): Promise<types.Freeze> {
    return this.#data(await this.#call('POST', '/environment/unfreeze'))
  }

  async freezeIntegration(uniqueKey: string, reason?: string): Promise<types.Freeze> {
    return this.#data(await this.#call('POST', `/integrations/${part(uniqueKey)}/freeze`, { body: { reason } }))
  }

  async unfreezeIntegration(uniqueKey: string): Promise<types.Freeze> {
    return this.#data(await this.#call('POST', `/integrations/${part(uniqueKey)}/unfreeze`))
  }

  async freezeConnection(integration: string, connectionId: string, reason?: string): Promise<types.Freeze> {
    const query = { provider_config_key: integration }
    return this.#data(await this.#call('POST', `/connections/${part(connectionId)}/freeze`, { query, body: { reason } }))
  }

  async unfreezeConnection(integration: string, connectionId: string): Promise<types.Freeze> {
    const query = { provider_config_key: integration }
    return this.#data(await this.#call('POST', `/connections/${part(connectionId)}/unfreeze`, { query }))
  }

  /** Ends many grants at once; `dry_run` only counts. */
  async revokeGrants(of: types.RevokeGrantsBody = {}): Promise<types.Revocation> {
    return this.#data(await this.#call('POST', '/environment/revoke', { body: of }))
  }

  // The server

  health(): Promise<types.HealthReply> {
    return this.#call('GET', '/health')
  }

  /** Throws `not_ready` while the server should get no traffic. */
  ready(): Promise<types.ReadyReply> {
    return this.#call('GET', '/ready')
  }

  openapi(): Promise<types.OpenapiReply> {
    return this.#call('GET', '/openapi.json')
  }

  // The provider's API

  /** Calls the provider's API with the connection's credentials. Throws for a status from 400 on. */
  proxy(request: ProxyRequest & { method?: ProxyMethod; stream: true }): Promise<ProxyResponse<Streamed>>
  proxy<T = unknown>(request: ProxyRequest & { method?: ProxyMethod; stream?: false }): Promise<ProxyResponse<T>>
  proxy({ method = 'GET', ...request }: ProxyRequest & { method?: ProxyMethod; stream?: boolean }): Promise<ProxyResponse<unknown>> {
    return proxy(this.#connector, this.#apiKey, method, request)
  }

  get<T = unknown>(request: ProxyRequest): Promise<ProxyResponse<T>> {
    return this.proxy<T>({ ...request, method: 'GET' })
  }

  post<T = unknown>(request: ProxyRequest): Promise<ProxyResponse<T>> {
    return this.proxy<T>({ ...request, method: 'POST' })
  }

  put<T = unknown>(request: ProxyRequest): Promise<ProxyResponse<T>> {
    return this.proxy<T>({ ...request, method: 'PUT' })
  }

  patch<T = unknown>(request: ProxyRequest): Promise<ProxyResponse<T>> {
    return this.proxy<T>({ ...request, method: 'PATCH' })
  }

  delete<T = unknown>(request: ProxyRequest): Promise<ProxyResponse<T>> {
    return this.proxy<T>({ ...request, method: 'DELETE' })
  }

  /** Whether a webhook came from your server. */
  verifyWebhook(rawBody: string | Uint8Array, headers: WebhookHeaders, signingKey: string, options?: VerifyOptions): boolean {
    return verifyWebhook(rawBody, headers, signingKey, options)
  }

  async #call<T>(
    method: string,
    path: string,
    { query, body, token, signal }: { query?: object; body?: unknown; token?: string; signal?: AbortSignal | undefined } = {},
  ): Promise<T> {
    const headers = new Headers(body === undefined ? {} : { 'content-type': 'application/json' })
    const sending = {
      method,
      path: path + queryString(query),
      token: token ?? this.#apiKey,
      headers,
      body: body === undefined ? undefined : JSON.stringify(body),
      signal,
    }
    return (await send(this.#connector, sending, readAnswer)) as T
  }

  #data<T>(reply: { data: T }): T {
    return reply.data
  }
}

/** A URL drops the parts `.` and `..`, however they are encoded: the call would go elsewhere. */
function part(name: string): string {
  if (name === '' || name === '.' || name === '..') throw new TypeError(`"${name}" cannot be addressed`)
  return encodeURIComponent(name)
}

function metadataBody(integration: string, connectionId: string | string[], metadata: Record<string, unknown>): types.SetMetadataBody {
  return { connection_id: connectionId, provider_config_key: integration, metadata }
}
