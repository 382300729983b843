/** Who may call which endpoint, written down a second time: from the documentation, not from the code. A new endpoint needs a row in both tables. */
import type { routes } from '@hawser/api/routes.ts'
import type { Scope } from '@hawser/api/scopes.ts'

export type RouteName = (typeof routes)[number]['name']

/** `key`: one of these scopes; empty: any key. */
export interface Rule {
  key?: readonly Scope[]
  session?: true
  open?: true
}

const CREATE = { key: ['environment:integrations:create'] } as const
const UPDATE = { key: ['environment:integrations:update'] } as const
const CHANGE_CONNECTION = { key: ['environment:connections:update'] } as const
const SETTINGS = { key: ['environment:settings:update'] } as const
const SIGN_IN = { key: ['environment:connect_sessions:write'] } as const

export const rules: Record<RouteName, Rule> = {
  createConnectSession: SIGN_IN,
  createReconnectSession: SIGN_IN,
  getConnectSession: { session: true },
  deleteConnectSession: { session: true },
  listConnections: { key: ['environment:connections:list', 'environment:connections:list_credentials'] },
  getConnection: { key: ['environment:connections:read', 'environment:connections:read_credentials'] },
  importConnection: { key: ['environment:connections:create'] },
  updateConnection: CHANGE_CONNECTION,
  deleteConnection: { key: ['environment:connections:delete'] },
  setMetadata: CHANGE_CONNECTION,
  updateMetadata: CHANGE_CONNECTION,
  createConnectionToken: { key: ['environment:connection_tokens:write'] },
  deleteTokensOfConnection: { key: ['environment:connection_tokens:write'] },
  listConnectionTokens: { key: ['environment:connection_tokens:list', 'environment:connection_tokens:write'] },
  deleteConnectionToken: { key: ['environment:connection_tokens:write'] },
  exchangeToken: { open: true },
  listIssues: { key: ['environment:connections:list'] },
  listIntegrations: { key: ['environment:integrations:list'], session: true },
  createIntegration: CREATE,
  createQuickstartIntegration: CREATE,
  getIntegration: { key: ['environment:integrations:read', 'environment:integrations:read_credentials'] },
  updateIntegration: UPDATE,
  deleteIntegration: { key: ['environment:integrations:delete'] },
  listIntegrationClients: { key: ['environment:integrations:read_credentials'] },
  stageIntegrationClient: UPDATE,
  promoteIntegrationClient: UPDATE,
  deleteStagedIntegrationClient: UPDATE,
  deleteIntegrationClient: UPDATE,
  recordAppMigration: UPDATE,
  salesforceAppFiles: CREATE,
  probeIntegration: { key: ['environment:integrations:read'] },
  diagnoseText: { key: [], session: true },
  listProviders: { key: [], session: true },
  getProvider: { key: [], session: true },
  getEnvironment: { key: ['environment:settings:read', 'environment:settings:update'] },
  updateEnvironment: SETTINGS,
  listApiKeys: { key: ['environment:api_keys:list', 'environment:api_keys:write'] },
  createApiKey: { key: ['environment:api_keys:write'] },
  deleteApiKey: { key: ['environment:api_keys:write'] },
  listSigningKeys: { key: ['environment:signing_keys:list', 'environment:signing_keys:write'] },
  createSigningKey: { key: ['environment:signing_keys:write'] },
  deleteSigningKey: { key: ['environment:signing_keys:write'] },
  listAudit: { key: ['environment:audit:read'] },
  listActivity: { key: ['environment:activity:read'] },
  getActivity: { key: ['environment:activity:read'] },
  getOverview: { key: ['environment:activity:read'] },
  listDeliveries: { key: ['environment:webhooks:read'] },
  getDelivery: { key: ['environment:webhooks:read'] },
  replayDelivery: { key: ['environment:webhooks:write'] },
  replayDeliveries: { key: ['environment:webhooks:write'] },
  testWebhook: { key: ['environment:webhooks:write'] },
  getVault: { key: ['environment:settings:read'] },
  freezeEnvironment: SETTINGS,
  unfreezeEnvironment: SETTINGS,
  freezeIntegration: UPDATE,
  unfreezeIntegration: UPDATE,
  freezeConnection: CHANGE_CONNECTION,
  unfreezeConnection: CHANGE_CONNECTION,
  revokeGrants: { key: ['environment:connections:delete'] },
  health: { open: true },
  ready: { open: true },
  openapi: { open: true },
}

/** What each kind of limit takes from a key that holds every scope. */
const OF_ENVIRONMENT: readonly Scope[] = [
  ...(['environment:settings:update', 'environment:audit:read', 'environment:activity:read'] as const),
  ...(['environment:webhooks:read', 'environment:webhooks:write'] as const),
]
const OF_INTEGRATIONS: readonly Scope[] = [
  ...(['environment:integrations:create', 'environment:integrations:update'] as const),
  ...(['environment:integrations:delete', 'environment:integrations:read_credentials'] as const),
]
const OF_CREDENTIALS: readonly Scope[] = [
  ...(['environment:connections:read_credentials', 'environment:connections:list_credentials'] as const),
  'environment:connections:read_refresh_token',
]
export const takenBy = {
  integrations: OF_ENVIRONMENT,
  connections: [...OF_ENVIRONMENT, ...OF_INTEGRATIONS],
  calls: [...OF_ENVIRONMENT, ...OF_INTEGRATIONS, ...OF_CREDENTIALS],
} as const

/** Of one credential: its token, and what it is to the API. */
export type Caller =
  | { kind: 'nobody' | 'bad' | 'session' }
  /** Every scope but those in `without`, or only `only`. */
  | { kind: 'key'; only?: Scope; without?: readonly Scope[] }

/** `admitted`: not refused for who is calling. */
export function expectedOf(rule: Rule, caller: Caller): 'admitted' | 401 | 403 {
  if (rule.open) return 'admitted'
  if (caller.kind === 'session') return rule.session ? 'admitted' : 403
  if (caller.kind !== 'key') return 401
  if (rule.key === undefined) return 401
  if (rule.key.length === 0) return 'admitted'
  const { only, without } = caller
  const holds = (scope: Scope) => (only === undefined ? without?.includes(scope) !== true : scope === only)
  return rule.key.some(holds) ? 'admitted' : 403
}

/** What a request about somebody else's integration or connection answers to: */
export interface Hidden {
  body?: unknown
  query?: string
  /** A key of another environment; a key of this one that is limited to another integration; one limited to another connection. */
  answers: readonly [environment: Answer, integration: Answer, connection: Answer]
}
/** `absent`: 200, without the names. undefined: nothing to hide from it. */
export type Answer = 400 | 403 | 404 | 200 | 'absent' | undefined

export const INTEGRATION = 'hidden'
const named = { provider_config_key: INTEGRATION }
const ofConnection = `provider_config_key=${INTEGRATION}`
const client = { client_id: 'x', client_secret: 'y' }

/** `id`: of the connection. Endpoints that name neither an integration nor a connection have null. */
export function hiddenRows(id: string): Record<RouteName, Hidden | null> {
  const connection = (body?: unknown): Hidden => ({
    query: ofConnection,
    ...(body === undefined ? {} : { body }),
    answers: [404, 404, 404],
  })
  const integration = (body?: unknown, third: Answer = 403): Hidden => ({
    ...(body === undefined ? {} : { body }),
    answers: [404, 404, third],
  })
  const metadata: Hidden = { body: { ...named, connection_id: id, metadata: { a: 1 } }, answers: [404, 404, 404] }
  return {
    createConnectSession: { body: { end_user: { id: 'u' }, allowed_integrations: [INTEGRATION] }, answers: [400, 400, 403] },
    createReconnectSession: { body: { connection_id: id, integration_id: INTEGRATION }, answers: [400, 400, 400] },
    getConnectSession: null,
    deleteConnectSession: null,
    listConnections: { answers: ['absent', 'absent', 'absent'] },
    getConnection: connection(),
    importConnection: { body: { ...named, credentials: { type: 'OAUTH2', access_token: 'a' } }, answers: [404, 404, 403] },
    updateConnection: connection({ tags: { a: 'b' } }),
    deleteConnection: connection(),
    setMetadata: metadata,
    updateMetadata: metadata,
    createConnectionToken: connection({}),
    deleteTokensOfConnection: connection(),
    listConnectionTokens: { answers: ['absent', 'absent', 'absent'] },
    deleteConnectionToken: { answers: [404, 404, 404] },
    // Takes no key at all; what it takes is in e2e/connection-tokens.test.ts.
    exchangeToken: null,
    listIssues: { query: 'state=all', answers: ['absent', 'absent', 'absent'] },
    // To a key that is limited to connections, integrations are no secret.
    listIntegrations: { answers: ['absent', 'absent', undefined] },
    createIntegration: {
      body: { provider: 'salesforce', unique_key: 'mine', credentials: { type: 'OAUTH2', ...client } },
      answers: [undefined, 403, 403],
    },
    createQuickstartIntegration: { body: { provider: 'salesforce', unique_key: 'mine' }, answers: [undefined, 403, 403] },
    getIntegration: integration(undefined, 200),
    updateIntegration: integration({ display_name: 'mine now' }),
    deleteIntegration: integration(),
    listIntegrationClients: integration(),
    stageIntegrationClient: integration(client),
    promoteIntegrationClient: integration(),
    deleteStagedIntegrationClient: integration(),
    deleteIntegrationClient: integration(),
    recordAppMigration: integration({ state: 'announced' }),
    salesforceAppFiles: null,
    probeIntegration: integration({}, 200),
    diagnoseText: { body: { text: 'x', integration: INTEGRATION }, answers: [404, 404, 200] },
    listProviders: null,
    getProvider: null,
    getEnvironment: null,
    updateEnvironment: { body: { webhook_url: '' }, answers: [undefined, 403, 403] },
    listApiKeys: null,
    createApiKey: {
      body: { display_name: 'more', limits: { integrations: [INTEGRATION], connections: { ids: [id] } } },
      answers: [undefined, 403, 403],
    },
    deleteApiKey: { answers: [404, 404, 404] },
    listSigningKeys: null,
    createSigningKey: {
      body: { display_name: 'more', public_key: 'x', limits: { integrations: [INTEGRATION], connections: { ids: [id] } } },
      answers: [undefined, 403, 403],
    },
    deleteSigningKey: { answers: [404, 404, 404] },
    listAudit: { answers: ['absent', 403, 403] },
    listActivity: { answers: ['absent', 403, 403] },
    getActivity: { answers: [404, 403, 403] },
    getOverview: { answers: ['absent', 403, 403] },
    listDeliveries: { answers: ['absent', 403, 403] },
    getDelivery: { answers: [404, 403, 403] },
    replayDelivery: { answers: [404, 403, 403] },
    replayDeliveries: { body: { from: '2026-01-01T00:00:00Z', to: '2026-01-02T00:00:00Z' }, answers: ['absent', 403, 403] },
    testWebhook: { answers: [400, 403, 403] },
    getVault: { answers: ['absent', 'absent', 'absent'] },
    freezeEnvironment: { body: {}, answers: [undefined, 403, 403] },
    unfreezeEnvironment: { answers: [undefined, 403, 403] },
    freezeIntegration: integration({}),
    unfreezeIntegration: integration(),
    freezeConnection: connection({}),
    unfreezeConnection: connection(),
    revokeGrants: { body: { integration: INTEGRATION, dry_run: true }, answers: [404, 403, 403] },
    health: null,
    ready: null,
    openapi: null,
  }
}
