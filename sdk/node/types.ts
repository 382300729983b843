/** What the API takes and answers. Printed from `api/` by `npm run generate`; do not edit. */
/* oxlint-disable max-lines */

export interface ApiKey {
  id: string
  display_name: string
  hint: string
  scopes: string[]
  limits: KeyLimits | null
  expires_at: string | null
  made_by: string | null
  created_at: string
  last_used_at: string | null
}

export interface AppMigration {
  state: 'announced' | 'done'
  announced_at: string
  canary_connection_id: string | null
  done_at: string | null
  outcome: 'survived' | 'reconnect' | null
}

export interface AuditEvent {
  id: string
  at: string
  action: string
  actor: { kind: string; id?: string | undefined }
  address: string | null
  request_id: string | null
  subject: Record<string, unknown>
  end_user: { id: string | null; pseudonym: string } | null
  count: number
}

export type AuthWebhook =
  | {
      from: 'nango'
      type: 'auth'
      connectionId: string
      providerConfigKey: string
      authMode: string
      provider: string
      environment: string
      operation: 'creation' | 'override' | 'refresh'
      tags?: Record<string, string> | undefined
      endUser?:
        | { endUserId: string; endUserEmail?: string | undefined; organizationId?: string | undefined; tags: Record<string, string> }
        | undefined
      success: true
    }
  | {
      from: 'nango'
      type: 'auth'
      connectionId: string
      providerConfigKey: string
      authMode: string
      provider: string
      environment: string
      operation: 'creation' | 'override' | 'refresh'
      tags?: Record<string, string> | undefined
      endUser?:
        | { endUserId: string; endUserEmail?: string | undefined; organizationId?: string | undefined; tags: Record<string, string> }
        | undefined
      success: false
      error: { type: string; description: string }
      diagnosis?: Diagnosis | undefined
    }

export interface ConnectUi {
  logo: string | null
  default_theme: 'light' | 'dark' | 'system'
  light_primary: string | null
  dark_primary: string | null
  show_watermark: boolean
}

export interface Connection {
  id: number
  connection_id: string
  provider_config_key: string
  provider: string
  errors: { type: string; log_id: string }[]
  end_user: EndUser | null
  tags: Record<string, string>
  metadata: Record<string, unknown> | null
  gateway_id: string
  connection_config: Record<string, unknown>
  webhook_url_override: string | null
  created_at: string
  updated_at: string
  last_fetched_at: string | null
  credentials: Credentials
  issues: Issue[]
  org: Org | null
}

export interface ConnectionDeletedWebhook {
  type: 'connection.deleted'
  timestamp: string
  data: {
    environment: string
    connection_id: string
    provider_config_key: string
    provider: string
    end_user: EndUser | null
    tags: Record<string, string>
  }
}

export interface ConnectionRevocationFailedWebhook {
  type: 'connection.revocation_failed'
  timestamp: string
  data: {
    environment: string
    connection_id: string
    provider_config_key: string
    provider: string
    end_user: EndUser | null
    tags: Record<string, string>
    host: string
    attempts: number
    diagnosis: Diagnosis
  }
}

export interface ConnectionSandboxRefreshedWebhook {
  type: 'connection.sandbox_refreshed'
  timestamp: string
  data: {
    environment: string
    connection_id: string
    provider_config_key: string
    provider: string
    end_user: EndUser | null
    tags: Record<string, string>
    old_org_id: string
    new_org_id: string
    instance_url: string
    basis: 'host' | 'production' | 'token_answer' | 'reconnect'
    invalidates: ('record_ids' | 'replay_ids' | 'query_cursors' | 'bulk_jobs' | 'metadata_ids' | 'caches')[]
  }
}

export interface ConnectionToken {
  id: string
  token: string
  expires_at: string
}

export interface CreatedApiKey {
  id: string
  display_name: string
  hint: string
  scopes: string[]
  limits: KeyLimits | null
  expires_at: string | null
  made_by: string | null
  created_at: string
  last_used_at: string | null
  secret: string
}

export interface CreatedConnectSession {
  data: { token: string; connect_link: string; expires_at: string }
}

export type Credentials = OAuth2Credentials | Record<string, never>

export interface Diagnosis {
  code: string
  class: 'transient' | 'limit' | 'config' | 'reconnect' | 'customer_admin' | 'user' | 'bug'
  actor: 'developer' | 'customer_admin' | 'end_user' | 'salesforce' | 'provider' | 'hawser'
  transient: boolean
  title: string
  cause: string
  fix: string[]
  end_user_text: string
  confidence: 'V' | 'V-obs' | 'M' | '?'
  source: string
  docs: string | null
  evidence: Record<string, string | number | boolean>
}

export interface EndUser {
  id: string
  display_name: string | null
  email: string | null
  tags: Record<string, string> | null
  organization: { id: string; display_name: string | null } | null
}

export interface EndedTokens {
  ended: number
}

export interface Environment {
  name: string
  callback_url: string
  webhook_url: string | null
  webhook_signing_key: string | null
  refused_org_kinds: ('production' | 'sandbox' | 'developer' | 'scratch' | 'trailhead' | 'trial' | 'demo' | 'patch' | 'unknown')[]
  connect_ui: ConnectUi
}

export interface ExplainedText {
  known: boolean
  diagnosis: Diagnosis | null
  recognised_as: 'address' | 'token_answer' | 'rest_answer' | 'page_text' | 'deploy_result' | 'hawser_error' | null
}

export interface Freeze {
  frozen: boolean
  reason: string | null
  frozen_at: string | null
}

export interface Integration {
  unique_key: string
  provider: string
  display_name: string
  logo: string
  forward_webhooks: boolean
  created_at: string
  updated_at: string
  base_url_override_hosts: string[]
  install_url: string | null
  wrong_org_kind: 'refuse' | 'warn'
  app_migration: AppMigration | null
  webhook_url?: string | null | undefined
  credentials?: IntegrationCredentials | null | undefined
}

export interface IntegrationClient {
  id: string
  client_id: string
  state: 'active' | 'staged' | 'retired'
  has_secret: boolean
  connections: number
  broken_connections: number
  succeeds: string | null
  created_at: string
  retired_at: string | null
}

export interface IntegrationCredentials {
  type: 'OAUTH2'
  client_id: string | null
  client_secret: string | null
  scopes: string | null
  webhook_secret: string | null
}

export interface IntegrationProbe {
  ok: boolean
  checks: { name: 'client_id' | 'callback_url' | 'scopes' | 'pkce'; result: 'ok' | 'failed' | 'unknown'; diagnosis: Diagnosis | null }[]
  pkce_required: boolean | null
  host: string
}

export interface Issue {
  id: string
  kind: string
  opened_at: string
  last_seen_at: string
  count: number
  diagnosis: Diagnosis | null
}

export interface IssueOpenedWebhook {
  type: 'issue.opened'
  timestamp: string
  data: {
    environment: string
    connection_id: string
    provider_config_key: string
    provider: string
    end_user: EndUser | null
    tags: Record<string, string>
    issue: { id: string; kind: string; opened_at: string; diagnosis: Diagnosis | null }
    reconnect?: ReconnectHint | undefined
  }
}

export interface IssueResolvedWebhook {
  type: 'issue.resolved'
  timestamp: string
  data: {
    environment: string
    connection_id: string
    provider_config_key: string
    provider: string
    end_user: EndUser | null
    tags: Record<string, string>
    issue: { id: string; kind: string; opened_at: string; closed_at: string }
    reason: 'works_again' | 'reconnected' | 'superseded'
  }
}

export interface KeyLimits {
  integrations?: string[] | undefined
  connections?: { ids?: string[] | undefined; tags?: Record<string, string> | undefined } | undefined
  methods?: ('GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE' | 'OPTIONS')[] | undefined
  paths?: string[] | undefined
}

export interface ListedConnection {
  id: number
  connection_id: string
  provider_config_key: string
  provider: string
  errors: { type: string; log_id: string }[]
  end_user: EndUser | null
  tags: Record<string, string>
  metadata: Record<string, unknown> | null
  gateway_id: string
  created: string
  state: 'ok' | 'broken' | 'frozen'
  open_issues: number
  org: ListedOrg | null
}

export interface ListedConnectionToken {
  id: string
  display_name: string | null
  hint: string | null
  connection_id: string
  provider_config_key: string
  limits: KeyLimits | null
  made_by: { kind: 'api_key' | 'signing_key' | 'person'; id: string; display_name: string }
  created_at: string
  expires_at: string
  last_used_at: string | null
}

export interface ListedIssue {
  id: string
  kind: string
  connection_id: string
  provider_config_key: string
  provider: string
  end_user: EndUser | null
  diagnosis: Diagnosis | null
  opened_at: string
  last_seen_at: string
  closed_at: string | null
  count: number
  reconnect?: ReconnectHint | undefined
}

export interface ListedOperation {
  id: string
  at: string
  kind: 'call' | 'sign_in' | 'refresh' | 'connection' | 'webhook' | 'change'
  action: string
  outcome: 'success' | 'failure'
  status: number | null
  duration_ms: number | null
  integration: string | null
  connection_id: string | null
  end_user_id: string | null
  actor: { kind: 'key' | 'person' | 'session' | 'token' | 'system'; id: string | null }
  method: string | null
  host: string | null
  path: string | null
  error: { code: string; title: string | null } | null
}

export interface ListedOrg {
  id: string
  kind: 'production' | 'sandbox' | 'developer' | 'scratch' | 'trailhead' | 'trial' | 'demo' | 'patch' | 'unknown'
  name: string | null
}

export interface OAuth2Credentials {
  type: 'OAUTH2'
  access_token: string
  refresh_token?: string | undefined
  expires_at?: string | undefined
  config_override?: { client_id?: string | undefined } | undefined
  raw: Record<string, unknown>
}

export interface Operation {
  id: string
  at: string
  kind: 'call' | 'sign_in' | 'refresh' | 'connection' | 'webhook' | 'change'
  action: string
  outcome: 'success' | 'failure'
  status: number | null
  duration_ms: number | null
  integration: string | null
  connection_id: string | null
  end_user_id: string | null
  actor: { kind: 'key' | 'person' | 'session' | 'token' | 'system'; id: string | null }
  method: string | null
  host: string | null
  path: string | null
  error: { code: string; title: string | null } | null
  request_headers: Record<string, string>
  response_headers: Record<string, string>
  response_body: string | null
  error_message: string | null
  diagnosis: Diagnosis | null
  messages: { at: string; level: 'info' | 'warn' | 'error'; text: string }[]
}

export interface Org {
  org_id: string
  user_id: string | null
  username: string | null
  kind: 'production' | 'sandbox' | 'developer' | 'scratch' | 'trailhead' | 'trial' | 'demo' | 'patch' | 'unknown'
  kind_certain: boolean
  name: string | null
  organization_type: string | null
  is_sandbox: boolean | null
  trial_expires_at: string | null
  instance_name: string | null
  namespace_prefix: string | null
  instance_url: string
  login_host: string | null
  api_versions: { newest: string; release: string | null } | null
  session_minutes: number | null
  checked_at: string
  api_usage: { used: number; max: number; seen_at: string } | null
}

export interface Overview {
  from: string
  to: string
  bucket_seconds: number
  connections: {
    total: number
    ok: number
    broken: number
    frozen: number
    by_integration: {
      integration: string
      provider: string
      display_name: string
      total: number
      ok: number
      broken: number
      frozen: number
    }[]
  }
  issues: { open: number; by_kind: { kind: string; count: number }[] }
  totals: {
    calls: number
    client_errors: number
    server_errors: number
    no_answer: number
    refreshes: number
    refresh_failures: number
    p50_ms: number | null
    p95_ms: number | null
  }
  series: {
    at: string
    calls: number
    client_errors: number
    server_errors: number
    no_answer: number
    refreshes: number
    refresh_failures: number
    p50_ms: number | null
    p95_ms: number | null
  }[]
  api_usage: {
    org_id: string
    org_name: string | null
    connection_id: string
    integration: string
    used: number
    max: number
    seen_at: string
  }[]
  activity: { dropped: number }
}

export interface Provider {
  name: string
  display_name: string
  auth_mode: string
  categories: string[]
  docs: string
  logo_url: string
  [name: string]: unknown
}

export interface ReconnectHint {
  method: 'POST'
  path: '/connect/sessions/reconnect'
  body: { connection_id: string; integration_id: string }
}

export interface Revocation {
  dry_run: boolean
  connections: number
  grants: number
  remaining: number
}

export interface RevokedApiKey {
  success: boolean
  cascade: boolean
  connection_tokens_ended: number
  api_keys_created: { id: string; display_name: string }[]
  signing_keys_registered: { id: string; display_name: string }[]
}

export interface SalesforceAppFiles {
  files: { path: string; content: string }[]
  options: SalesforceAppOptions
  warnings: SalesforceAppWarning[]
  costs: string
}

export interface SalesforceAppOptions {
  label?: string | undefined
  api_name?: string | undefined
  contact_email?: string | undefined
  contact_phone?: string | undefined
  info_url?: string | undefined
  logo_url?: string | undefined
  icon_url?: string | undefined
  description?: string | undefined
  distribution?: 'Local' | 'Packaged' | undefined
  callback_urls?: string[] | undefined
  scopes?: string[] | undefined
  flows?:
    | {
        client_credentials?: boolean | undefined
        code_and_credentials?: boolean | undefined
        device?: boolean | undefined
        token_exchange?: boolean | undefined
      }
    | undefined
  pkce?: boolean | undefined
  secret_for_web_server_flow?: boolean | undefined
  secret_for_refresh_flow?: boolean | undefined
  rotation?: boolean | undefined
  idle_limit?: boolean | undefined
  refresh_tokens?:
    | {
        policy: 'infinite' | 'zero' | 'lifetime' | 'inactivity'
        period?: number | undefined
        unit?: 'hours' | 'days' | 'months' | undefined
      }
    | undefined
  session_timeout_minutes?: number | undefined
  required_session_level?: 'LOW' | 'STANDARD' | 'HIGH_ASSURANCE' | undefined
  ip_relaxation?: 'Enforce' | 'Bypass' | 'Bypass_2factor' | 'Enforce_RelaxRefresh' | undefined
  permitted_users?: 'AllSelfAuthorized' | 'AdminApprovedPreAuthorized' | undefined
  permission_sets?: string[] | undefined
  profiles?: string[] | undefined
  token_ip_ranges?: { start: string; end: string; description?: string | undefined }[] | undefined
  extras?:
    | {
        certificate?: string | undefined
        id_token_audience?: string | undefined
        id_token_attributes?: boolean | undefined
        id_token_custom_permissions?: boolean | undefined
        id_token_standard_claims?: boolean | undefined
        id_token_validity_minutes?: number | undefined
        code_credentials_post_only?: boolean | undefined
        introspect_all_tokens?: boolean | undefined
        secret_for_token_exchange?: boolean | undefined
        named_user_jwt?: boolean | undefined
        dpop?: boolean | undefined
        mtls?: boolean | undefined
        asset_token_audiences?: string | undefined
        asset_token_attributes?: boolean | undefined
        asset_token_custom_permissions?: boolean | undefined
        asset_token_signing_certificate?: string | undefined
        asset_token_validity?: number | undefined
        client_assertion_certificate?: string | undefined
        single_logout_url?: string | undefined
        custom_scopes?: string[] | undefined
        custom_attributes?: { key: string; formula: string }[] | undefined
        trusted_ip_ranges?: { start: string; end: string; description?: string | undefined }[] | undefined
        client_credentials_user?: string | undefined
        client_credentials_policy?: boolean | undefined
        guest_code_credentials_policy?: boolean | undefined
        token_exchange_policy?: boolean | undefined
        policy_action?: string | undefined
        policy_single_logout_url?: string | undefined
        policy_custom_scopes?: string[] | undefined
        policy_custom_attributes?: { key: string; formula: string }[] | undefined
        oauth_start_url?: string | undefined
        apex_handler?: string | undefined
        execute_handler_as?: string | undefined
        start_url?: string | undefined
        tls_certificate_field?: string | undefined
        tls_certificate_value?: string | undefined
      }
    | undefined
}

export interface SalesforceAppWarning {
  field: string
  reason: string
  fix: string
  confidence: 'V' | 'V-obs' | 'M' | '?'
}

export interface SigningKey {
  id: string
  display_name: string
  algorithm: 'RS256' | 'ES256' | 'EdDSA'
  thumbprint: string
  limits: KeyLimits | null
  expires_at: string | null
  made_by: string | null
  created_at: string
  last_used_at: string | null
}

export interface TestWebhook {
  type: 'webhook.test'
  timestamp: string
  data: { environment: string; message: string }
}

export interface VaultStatus {
  state: 'live' | 'frozen' | 'starting'
  reason: string | null
  words: string[]
  epoch: string | null
  key: { id: string; kind: 'local' | 'aws-kms'; backed_up_at: string | null }
  rotation: {
    generation: number
    step: 'announced' | 'rewrapping' | 'finished' | null
    announced_at: string | null
    switched_at: string | null
    finished_at: string | null
    rewrapped: number
    remaining: number
  }
  frozen: {
    total: number
    places: {
      what: 'environment' | 'integration' | 'connection'
      integration: string | null
      connection_id: string | null
      reason: string
      frozen_at: string
    }[]
  }
  spool: { files: number; waiting: number }
  audit_journal: { bytes: number; max_bytes: number }
  version: string
}

export interface WebhookDelivery {
  id: string
  type: string
  state: 'waiting' | 'delivered' | 'given_up'
  connection_id: string | null
  integration: string | null
  url: string
  attempts: number
  created_at: string
  delivered_at: string | null
  given_up_at: string | null
  next_attempt_at: string | null
  replayed_at: string | null
  last_status: number | null
  last_error: string | null
}

export interface WholeWebhookDelivery {
  id: string
  type: string
  state: 'waiting' | 'delivered' | 'given_up'
  connection_id: string | null
  integration: string | null
  url: string
  attempts: number
  created_at: string
  delivered_at: string | null
  given_up_at: string | null
  next_attempt_at: string | null
  replayed_at: string | null
  last_status: number | null
  last_error: string | null
  payload: Record<string, unknown>
  tries: { at: string; status: number | null; duration_ms: number; error: { code: string; title: string } | null; answer: string | null }[]
}

export interface CreateConnectSessionBody {
  end_user?:
    | { id: string; email?: string | undefined; display_name?: string | undefined; tags?: Record<string, string> | undefined }
    | undefined
  allowed_integrations?: string[] | undefined
  organization?: { id: string; display_name?: string | undefined } | undefined
  integrations_config_defaults?:
    | Record<
        string,
        {
          user_scopes?: string | undefined
          authorization_params?: Record<string, string> | undefined
          connection_config?: Record<string, unknown> | undefined
        }
      >
    | undefined
  overrides?: Record<string, { docs_connect?: string | undefined }> | undefined
  webhook_url_override?: string | undefined
  tags?: Record<string, string> | undefined
  return_url?: string | undefined
}

export type CreateConnectSessionReply = CreatedConnectSession

export interface CreateReconnectSessionBody {
  connection_id: string
  integration_id: string
  end_user?:
    | { id: string; email?: string | undefined; display_name?: string | undefined; tags?: Record<string, string> | undefined }
    | undefined
  accept_other_org?: boolean | undefined
  organization?: { id: string; display_name?: string | undefined } | undefined
  integrations_config_defaults?:
    | Record<
        string,
        {
          user_scopes?: string | undefined
          authorization_params?: Record<string, string> | undefined
          connection_config?: Record<string, unknown> | undefined
        }
      >
    | undefined
  overrides?: Record<string, { docs_connect?: string | undefined }> | undefined
  webhook_url_override?: string | undefined
  tags?: Record<string, string> | undefined
  return_url?: string | undefined
}

export type CreateReconnectSessionReply = CreatedConnectSession

export interface GetConnectSessionReply {
  data: {
    endUser: EndUser | null
    connectUISettings: {
      showWatermark: boolean
      defaultTheme: 'light' | 'dark' | 'system'
      theme: { light: { primary: string }; dark: { primary: string } }
      logo: string | null
    }
    allowed_integrations?: string[] | undefined
    integrations_config_defaults?: Record<string, unknown> | undefined
    isReconnecting?: true | undefined
    overrides?: Record<string, unknown> | undefined
    websocketsPath?: string | undefined
    expires_at: string
    return_url?: string | undefined
    warnings?: { code: 'approvals_used_up'; message: string; connection_id: string }[] | undefined
    result:
      | { outcome: 'success'; provider_config_key: string; connection_id: string; at?: string | undefined }
      | {
          outcome: 'error'
          provider_config_key: string
          error_type: string
          error_desc: string
          diagnosis: Diagnosis | null
          at?: string | undefined
        }
      | null
  }
}

export interface ListConnectionsQuery {
  connectionId?: string | undefined
  search?: string | undefined
  endUserId?: string | undefined
  endUserOrganizationId?: string | undefined
  integrationId?: string | undefined
  tags?: Record<string, string> | undefined
  state?: 'ok' | 'broken' | 'frozen' | undefined
  limit?: number | undefined
  page?: number | undefined
  total?: boolean | undefined
  cursor?: string | undefined
}

export interface ListConnectionsReply {
  connections: ListedConnection[]
  next: string | null
  total: number | null
}

export interface GetConnectionQuery {
  provider_config_key: string
  force_refresh?: boolean | undefined
  refresh_token?: boolean | undefined
  refresh_github_app_jwt_token?: boolean | undefined
}

export type GetConnectionReply = Connection

export interface ImportConnectionBody {
  provider_config_key: string
  connection_id?: string | undefined
  metadata?: Record<string, unknown> | undefined
  connection_config?: Record<string, unknown> | undefined
  webhook_url_override?: string | undefined
  end_user?:
    | { id: string; email?: string | undefined; display_name?: string | undefined; tags?: Record<string, string> | undefined }
    | undefined
  tags?: Record<string, string> | undefined
  credentials:
    | {
        type: 'OAUTH2'
        access_token: string
        refresh_token?: string | undefined
        expires_at?: string | undefined
        config_override?: { client_id: string; client_secret?: string | undefined } | undefined
      }
    | { type: 'NONE' }
}

export type ImportConnectionReply = Connection

export interface UpdateConnectionQuery {
  provider_config_key: string
}

export interface UpdateConnectionBody {
  end_user?:
    | { id: string; email?: string | undefined; display_name?: string | undefined; tags?: Record<string, string> | undefined }
    | undefined
  tags?: Record<string, string> | undefined
  webhook_url_override?: string | undefined
}

export interface UpdateConnectionReply {
  success: boolean
}

export interface DeleteConnectionQuery {
  provider_config_key: string
}

export interface DeleteConnectionReply {
  success: boolean
}

export interface SetMetadataBody {
  connection_id: string | string[]
  provider_config_key: string
  metadata: Record<string, unknown>
}

export interface SetMetadataReply {
  connection_id: string | string[]
  provider_config_key: string
  metadata: Record<string, unknown>
}

export interface UpdateMetadataBody {
  connection_id: string | string[]
  provider_config_key: string
  metadata: Record<string, unknown>
}

export interface UpdateMetadataReply {
  connection_id: string | string[]
  provider_config_key: string
  metadata: Record<string, unknown>
}

export interface CreateConnectionTokenQuery {
  provider_config_key: string
}

export interface CreateConnectionTokenBody {
  display_name?: string | undefined
  expires_in?: number | undefined
  methods?: ('GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE' | 'OPTIONS')[] | undefined
  paths?: string[] | undefined
}

export interface CreateConnectionTokenReply {
  data: ConnectionToken
}

export interface DeleteTokensOfConnectionQuery {
  provider_config_key: string
}

export interface DeleteTokensOfConnectionReply {
  data: EndedTokens
}

export interface ListConnectionTokensQuery {
  integration?: string | undefined
  connectionId?: string | undefined
  made_by?: string | undefined
  limit?: number | undefined
  before?: string | undefined
}

export interface ListConnectionTokensReply {
  data: ListedConnectionToken[]
  next: string | null
}

export interface DeleteConnectionTokenReply {
  success: boolean
}

export interface ExchangeTokenBody {
  token: string
  expires_in?: number | undefined
}

export interface ExchangeTokenReply {
  data: ConnectionToken
}

export interface ListIssuesQuery {
  state?: 'open' | 'closed' | 'all' | undefined
  kind?: string | undefined
  integration?: string | undefined
  connectionId?: string | undefined
  limit?: number | undefined
  before?: string | undefined
}

export interface ListIssuesReply {
  issues: ListedIssue[]
  next: string | null
}

export interface ListAuditQuery {
  from?: string | undefined
  to?: string | undefined
  action?: string | undefined
  actor?: string | undefined
  connection?: string | undefined
  integration?: string | undefined
  limit?: number | undefined
  cursor?: string | undefined
}

export interface ListAuditReply {
  events: AuditEvent[]
  next: string | null
}

export interface ListActivityQuery {
  kind?: string | undefined
  outcome?: 'success' | 'failure' | undefined
  integration?: string | undefined
  connection?: string | undefined
  end_user?: string | undefined
  search?: string | undefined
  from?: string | undefined
  to?: string | undefined
  limit?: number | undefined
  cursor?: string | undefined
  after?: string | undefined
}

export interface ListActivityReply {
  operations: ListedOperation[]
  next: string | null
  latest: string
}

export interface GetActivityReply {
  data: Operation
}

export interface GetOverviewQuery {
  hours?: '1' | '24' | '168' | '720' | undefined
}

export interface GetOverviewReply {
  data: Overview
}

export interface ListDeliveriesQuery {
  state?: 'waiting' | 'delivered' | 'given_up' | undefined
  type?: string | undefined
  connection?: string | undefined
  from?: string | undefined
  to?: string | undefined
  limit?: number | undefined
  cursor?: string | undefined
}

export interface ListDeliveriesReply {
  deliveries: WebhookDelivery[]
  next: string | null
}

export interface GetDeliveryReply {
  data: WholeWebhookDelivery
}

export interface ReplayDeliveryReply {
  data: WebhookDelivery
}

export interface ReplayDeliveriesBody {
  from: string
  to: string
  type?: string | undefined
}

export interface ReplayDeliveriesReply {
  data: { replayed: number; remaining: number }
}

export interface TestWebhookReply {
  data: WebhookDelivery
}

export interface GetVaultReply {
  data: VaultStatus
}

export interface ListIntegrationsReply {
  data: Integration[]
}

export interface CreateIntegrationBody {
  provider: string
  unique_key: string
  display_name?: string | undefined
  forward_webhooks?: boolean | undefined
  credentials?:
    | {
        type: 'OAUTH2'
        client_id: string
        client_secret?: string | undefined
        scopes?: string | undefined
        webhook_secret?: string | undefined
      }
    | undefined
  base_url_override_hosts?: string[] | undefined
  install_url?: string | null | undefined
  wrong_org_kind?: 'refuse' | 'warn' | undefined
}

export interface CreateIntegrationReply {
  data: Integration
}

export interface CreateQuickstartIntegrationBody {
  provider: string
  unique_key: string
  display_name?: string | undefined
  forward_webhooks?: boolean | undefined
  install_url?: string | null | undefined
  wrong_org_kind?: 'refuse' | 'warn' | undefined
}

export interface CreateQuickstartIntegrationReply {
  data: Integration
}

export interface GetIntegrationQuery {
  include?: 'webhook' | 'credentials' | ('webhook' | 'credentials')[] | undefined
}

export interface GetIntegrationReply {
  data: Integration
}

export interface UpdateIntegrationBody {
  unique_key?: string | undefined
  display_name?: string | undefined
  forward_webhooks?: boolean | undefined
  credentials?:
    | {
        type: 'OAUTH2'
        client_id?: string | undefined
        client_secret?: string | undefined
        scopes?: string | undefined
        webhook_secret?: string | undefined
      }
    | undefined
  base_url_override_hosts?: string[] | undefined
  install_url?: string | null | undefined
  wrong_org_kind?: 'refuse' | 'warn' | undefined
}

export interface UpdateIntegrationReply {
  data: Integration
}

export interface DeleteIntegrationReply {
  success: boolean
}

export interface ListIntegrationClientsReply {
  data: IntegrationClient[]
}

export interface StageIntegrationClientBody {
  client_id: string
  client_secret: string
}

export interface StageIntegrationClientReply {
  data: IntegrationClient
}

export interface PromoteIntegrationClientReply {
  data: IntegrationClient
}

export interface DeleteStagedIntegrationClientReply {
  success: boolean
}

export interface DeleteIntegrationClientReply {
  success: boolean
  moved_connections: number
}

export type RecordAppMigrationBody =
  | { state: 'announced'; canary_connection_id?: string | undefined }
  | { state: 'done'; outcome: 'survived' | 'reconnect' }

export interface RecordAppMigrationReply {
  data: Integration
}

export interface SalesforceAppFilesBody {
  preset?: 'as-guide' | 'hardened' | 'partner-mandate' | undefined
  options: {
    label?: string | undefined
    api_name?: string | undefined
    contact_email?: string | undefined
    contact_phone?: string | undefined
    info_url?: string | undefined
    logo_url?: string | undefined
    icon_url?: string | undefined
    description?: string | undefined
    distribution?: 'Local' | 'Packaged' | undefined
    callback_urls?: string[] | undefined
    scopes?: string[] | undefined
    flows?:
      | {
          client_credentials?: boolean | undefined
          code_and_credentials?: boolean | undefined
          device?: boolean | undefined
          token_exchange?: boolean | undefined
        }
      | undefined
    pkce?: boolean | undefined
    secret_for_web_server_flow?: boolean | undefined
    secret_for_refresh_flow?: boolean | undefined
    rotation?: boolean | undefined
    idle_limit?: boolean | undefined
    refresh_tokens?:
      | {
          policy: 'infinite' | 'zero' | 'lifetime' | 'inactivity'
          period?: number | undefined
          unit?: 'hours' | 'days' | 'months' | undefined
        }
      | undefined
    session_timeout_minutes?: number | undefined
    required_session_level?: 'LOW' | 'STANDARD' | 'HIGH_ASSURANCE' | undefined
    ip_relaxation?: 'Enforce' | 'Bypass' | 'Bypass_2factor' | 'Enforce_RelaxRefresh' | undefined
    permitted_users?: 'AllSelfAuthorized' | 'AdminApprovedPreAuthorized' | undefined
    permission_sets?: string[] | undefined
    profiles?: string[] | undefined
    token_ip_ranges?: { start: string; end: string; description?: string | undefined }[] | undefined
    extras?:
      | {
          certificate?: string | undefined
          id_token_audience?: string | undefined
          id_token_attributes?: boolean | undefined
          id_token_custom_permissions?: boolean | undefined
          id_token_standard_claims?: boolean | undefined
          id_token_validity_minutes?: number | undefined
          code_credentials_post_only?: boolean | undefined
          introspect_all_tokens?: boolean | undefined
          secret_for_token_exchange?: boolean | undefined
          named_user_jwt?: boolean | undefined
          dpop?: boolean | undefined
          mtls?: boolean | undefined
          asset_token_audiences?: string | undefined
          asset_token_attributes?: boolean | undefined
          asset_token_custom_permissions?: boolean | undefined
          asset_token_signing_certificate?: string | undefined
          asset_token_validity?: number | undefined
          client_assertion_certificate?: string | undefined
          single_logout_url?: string | undefined
          custom_scopes?: string[] | undefined
          custom_attributes?: { key: string; formula: string }[] | undefined
          trusted_ip_ranges?: { start: string; end: string; description?: string | undefined }[] | undefined
          client_credentials_user?: string | undefined
          client_credentials_policy?: boolean | undefined
          guest_code_credentials_policy?: boolean | undefined
          token_exchange_policy?: boolean | undefined
          policy_action?: string | undefined
          policy_single_logout_url?: string | undefined
          policy_custom_scopes?: string[] | undefined
          policy_custom_attributes?: { key: string; formula: string }[] | undefined
          oauth_start_url?: string | undefined
          apex_handler?: string | undefined
          execute_handler_as?: string | undefined
          start_url?: string | undefined
          tls_certificate_field?: string | undefined
          tls_certificate_value?: string | undefined
        }
      | undefined
  }
  org_kind?: 'production' | 'sandbox' | 'developer' | 'scratch' | 'trailhead' | 'trial' | 'demo' | 'patch' | 'unknown' | undefined
  api_version?: string | undefined
  without_code_and_credentials?: boolean | undefined
}

export interface SalesforceAppFilesReply {
  data: SalesforceAppFiles
}

export interface ProbeIntegrationBody {
  hostname?: string | undefined
}

export interface ProbeIntegrationReply {
  data: IntegrationProbe
}

export interface DiagnoseTextBody {
  text: string
  integration?: string | undefined
}

export interface DiagnoseTextReply {
  data: ExplainedText
}

export interface ListProvidersQuery {
  search?: string | undefined
}

export interface ListProvidersReply {
  data: Provider[]
}

export interface GetProviderReply {
  data: Provider
}

export interface GetEnvironmentReply {
  data: Environment
}

export interface UpdateEnvironmentBody {
  callback_url?: string | undefined
  webhook_url?: string | undefined
  refused_org_kinds?:
    | ('production' | 'sandbox' | 'developer' | 'scratch' | 'trailhead' | 'trial' | 'demo' | 'patch' | 'unknown')[]
    | undefined
  connect_ui?:
    | {
        logo?: string | null | undefined
        default_theme?: 'light' | 'dark' | 'system' | undefined
        light_primary?: string | null | undefined
        dark_primary?: string | null | undefined
        show_watermark?: boolean | undefined
      }
    | undefined
}

export interface UpdateEnvironmentReply {
  data: Environment
}

export interface ListApiKeysReply {
  data: ApiKey[]
}

export interface CreateApiKeyBody {
  display_name: string
  scopes?: string[] | undefined
  limits?:
    | {
        integrations?: string[] | undefined
        connections?: { ids?: string[] | undefined; tags?: Record<string, string> | undefined } | undefined
        methods?: ('GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE' | 'OPTIONS')[] | undefined
        paths?: string[] | undefined
      }
    | undefined
  expires_at?: string | undefined
}

export interface CreateApiKeyReply {
  data: CreatedApiKey
}

export interface DeleteApiKeyQuery {
  cascade?: boolean | undefined
}

export type DeleteApiKeyReply = RevokedApiKey

export interface ListSigningKeysReply {
  data: SigningKey[]
}

export interface CreateSigningKeyBody {
  display_name: string
  public_key: string | Record<string, unknown>
  limits?:
    | {
        integrations?: string[] | undefined
        connections?: { ids?: string[] | undefined; tags?: Record<string, string> | undefined } | undefined
        methods?: ('GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE' | 'OPTIONS')[] | undefined
        paths?: string[] | undefined
      }
    | undefined
  expires_at?: string | undefined
}

export interface CreateSigningKeyReply {
  data: SigningKey
}

export interface DeleteSigningKeyReply {
  success: boolean
}

export interface FreezeEnvironmentBody {
  reason?: string | undefined
}

export interface FreezeEnvironmentReply {
  data: Freeze
}

export interface UnfreezeEnvironmentReply {
  data: Freeze
}

export interface FreezeIntegrationBody {
  reason?: string | undefined
}

export interface FreezeIntegrationReply {
  data: Freeze
}

export interface UnfreezeIntegrationReply {
  data: Freeze
}

export interface FreezeConnectionQuery {
  provider_config_key: string
}

export interface FreezeConnectionBody {
  reason?: string | undefined
}

export interface FreezeConnectionReply {
  data: Freeze
}

export interface UnfreezeConnectionQuery {
  provider_config_key: string
}

export interface UnfreezeConnectionReply {
  data: Freeze
}

export interface RevokeGrantsBody {
  integration?: string | undefined
  connections?: string[] | undefined
  dry_run?: boolean | undefined
}

export interface RevokeGrantsReply {
  data: Revocation
}

export interface HealthReply {
  result: 'ok'
}

export interface ReadyReply {
  result: 'ok'
  vault: 'live' | 'frozen'
}

export interface OpenapiReply {
  openapi: string
  [name: string]: unknown
}

/** Every code that an answer may carry. */
export type ErrorCode =
  | 'invalid_body'
  | 'invalid_query_params'
  | 'invalid_uri_params'
  | 'invalid_headers'
  | 'invalid_json'
  | 'invalid_content_type'
  | 'body_too_large'
  | 'invalid_request'
  | 'not_found'
  | 'method_not_allowed'
  | 'conflict'
  | 'missing_auth_header'
  | 'malformed_auth_header'
  | 'invalid_secret_key_format'
  | 'unknown_account'
  | 'invalid_connect_session_token_format'
  | 'unknown_connect_session_token'
  | 'invalid_token'
  | 'forbidden'
  | 'not_signed_in'
  | 'wrong_sign_in'
  | 'wrong_code'
  | 'confirm_identity'
  | 'foreign_page'
  | 'weak_password'
  | 'unknown_link'
  | 'last_owner'
  | 'sso_refused'
  | 'too_many_request'
  | 'unknown_provider_config'
  | 'unknown_provider'
  | 'unknown_connection'
  | 'invalid_auth_mode'
  | 'integration_not_allowed'
  | 'invalid_connection'
  | 'integration_in_use'
  | 'client_in_use'
  | 'missing_webhook_url'
  | 'missing_client_id'
  | 'connection_validation_failed'
  | 'connection_test_failed'
  | 'invalid_hostname'
  | 'instance_url_refused'
  | 'refresh_token_replaced'
  | 'invalid_credentials'
  | 'connection_refresh_backoff'
  | 'connection_refresh_exhausted'
  | 'refresh_token_external_error'
  | 'interrupted_refresh'
  | 'refresh_timeout'
  | 'audit_unavailable'
  | 'credentials_unavailable'
  | 'vault_cannot_open'
  | 'vault_frozen'
  | 'frozen'
  | 'missing_api_url'
  | 'base_url_override_disabled'
  | 'base_url_override_not_allowed'
  | 'egress_refused'
  | 'unsupported_auth'
  | 'upgrade_not_supported'
  | 'upstream_unreachable'
  | 'upstream_timeout'
  | 'send_again'
  | 'state_err'
  | 'state_cookie_err'
  | 'callback_err'
  | 'token_err'
  | 'url_param_err'
  | 'not_ready'
  | 'server_error'

/** What an API key may be allowed to do. */
export type Scope =
  | 'environment:connections:list'
  | 'environment:connections:list_credentials'
  | 'environment:connections:read'
  | 'environment:connections:read_credentials'
  | 'environment:connections:read_refresh_token'
  | 'environment:connections:create'
  | 'environment:connections:update'
  | 'environment:connections:delete'
  | 'environment:integrations:list'
  | 'environment:integrations:read'
  | 'environment:integrations:read_credentials'
  | 'environment:integrations:create'
  | 'environment:integrations:update'
  | 'environment:integrations:delete'
  | 'environment:connect_sessions:write'
  | 'environment:proxy'
  | 'environment:settings:read'
  | 'environment:settings:update'
  | 'environment:api_keys:list'
  | 'environment:api_keys:write'
  | 'environment:connection_tokens:list'
  | 'environment:connection_tokens:write'
  | 'environment:signing_keys:list'
  | 'environment:signing_keys:write'
  | 'environment:audit:read'
  | 'environment:activity:read'
  | 'environment:webhooks:read'
  | 'environment:webhooks:write'

/** One broken field: where it is and what is wrong with it. */
export interface FieldError {
  code: string
  message: string
  path: (string | number)[]
}
