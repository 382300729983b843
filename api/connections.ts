import { z } from 'zod'
import { credentials, credentialsImport } from './credentials.ts'
import { listedOrg, org } from './orgs.ts'
import { defineRoute } from './route.ts'
import * as values from './values.ts'

const integrationOf = { provider_config_key: values.integrationKey }
const address = { params: z.strictObject({ connectionId: values.connectionId }), query: z.strictObject(integrationOf) }

export const issue = z
  .object({
    id: z.string(),
    kind: z.string(),
    opened_at: values.timestamp,
    last_seen_at: values.timestamp,
    count: z.int(),
    diagnosis: values.diagnosis.nullable(),
  })
  .meta({ id: 'Issue' })

const summary = {
  /** A number of its own, for clients that expect one; `gateway_id` is the uuid. */
  id: z.int(),
  connection_id: z.string(),
  provider_config_key: z.string(),
  provider: z.string(),
  errors: z.array(z.object({ type: z.string(), log_id: z.string() })),
  end_user: values.endUser.nullable(),
  tags: z.record(z.string(), z.string()),
  metadata: z.record(z.string(), z.unknown()).nullable(),
  /** Follows the API key in the gateway's bearer: `<key>.<gateway_id>`. 32 hex digits. */
  gateway_id: z.string(),
}

export const listedConnection = z
  .object({
    ...summary,
    created: values.timestamp,
    /** `broken`: somebody has to act (see its issues); `frozen`: stopped by whoever runs this. */
    state: z.enum(['ok', 'broken', 'frozen']),
    open_issues: z.int(),
    /** Of the Salesforce family only. */
    org: listedOrg.nullable(),
  })
  .meta({ id: 'ListedConnection' })

export const connection = z
  .object({
    ...summary,
    connection_config: z.record(z.string(), z.unknown()),
    webhook_url_override: z.string().nullable(),
    created_at: values.timestamp,
    updated_at: values.timestamp,
    last_fetched_at: values.timestamp.nullable(),
    credentials,
    /** What is wrong with this connection at the moment, and what to do. */
    issues: z.array(issue),
    /** Of the Salesforce family only; read at the sign-in and once a day. */
    org: org.nullable(),
  })
  .meta({ id: 'Connection' })

export const listConnections = defineRoute({
  name: 'listConnections',
  method: 'GET',
  path: '/connections',
  summary: 'Lists connections, newest first, without credentials.',
  access: { key: ['environment:connections:list', 'environment:connections:list_credentials'] },
  query: z.strictObject({
    connectionId: z.string().min(1).max(255).optional(),
    search: z.string().min(1).max(255).optional(),
    endUserId: z.string().min(1).max(255).optional(),
    endUserOrganizationId: z.string().min(1).max(255).optional(),
    /** Comma-separated integration keys. */
    integrationId: z.string().min(1).max(2000).optional(),
    tags: z.record(values.tagKey, z.string().min(1).max(255)).optional(),
    state: z.enum(['ok', 'broken', 'frozen']).optional(),
    limit: values.wholeNumber(1, 2000).optional(),
    /** Zero-based. */
    page: values.wholeNumber(0, 1_000_000).optional(),
    /** Whether everything that fits is counted: some ms, so ask with the first page alone. */
    total: values.flag,
    /** `next` of the page before: any depth costs the same. Not together with `page`. */
    cursor: z
      .string()
      .regex(/^\d{1,15}$/, 'Give the `next` of the page before')
      .optional(),
  }),
  reply: {
    status: 200,
    body: z.object({
      connections: z.array(listedConnection),
      /** For pages with a `limit`. Null: there is nothing more. */
      next: z.string().nullable(),
      /** Of everything that fits. Null: not counted, on later pages and where too many would have to be looked at. */
      total: z.int().nullable(),
    }),
  },
})

export const getConnection = defineRoute({
  name: 'getConnection',
  method: 'GET',
  path: '/connections/:connectionId*',
  summary: 'Reads one connection with fresh credentials.',
  access: { key: ['environment:connections:read', 'environment:connections:read_credentials'] },
  params: address.params,
  query: z.strictObject({
    ...integrationOf,
    force_refresh: values.flag,
    refresh_token: values.flag,
    refresh_github_app_jwt_token: values.flag,
  }),
  reply: { status: 200, body: connection },
  errors: [
    'unknown_provider_config',
    'unknown_connection',
    'invalid_credentials',
    'connection_refresh_backoff',
    'connection_refresh_exhausted',
    'refresh_token_external_error',
    'interrupted_refresh',
    'refresh_timeout',
    'credentials_unavailable',
    'vault_frozen',
  ],
})

export const importConnection = defineRoute({
  name: 'importConnection',
  method: 'POST',
  path: '/connections',
  summary: 'Brings in a connection whose credentials come from elsewhere.',
  access: { key: ['environment:connections:create'] },
  query: values.nothing,
  body: z.strictObject({
    ...integrationOf,
    connection_id: values.connectionId.optional(),
    metadata: values.metadata.optional(),
    connection_config: z.record(z.string().max(255), z.unknown()).optional(),
    webhook_url_override: values.webhookUrlOverride.optional(),
    end_user: values.endUserInput.optional(),
    tags: values.tags.optional(),
    credentials: credentialsImport,
  }),
  reply: { status: 201, body: connection },
  errors: [
    'unknown_provider_config',
    'instance_url_refused',
    'connection_validation_failed',
    'connection_test_failed',
    'refresh_token_replaced',
    'conflict',
  ],
})

export const updateConnection = defineRoute({
  name: 'updateConnection',
  method: 'PATCH',
  path: '/connections/:connectionId*',
  summary: "Changes a connection's end user, tags or webhook URL.",
  access: { key: ['environment:connections:update'] },
  ...address,
  body: z.strictObject({
    end_user: values.endUserInput.optional(),
    tags: values.tags.optional(),
    webhook_url_override: values.webhookUrlOverride.optional(),
  }),
  reply: { status: 200, body: values.success },
  errors: ['unknown_provider_config', 'unknown_connection'],
})

export const deleteConnection = defineRoute({
  name: 'deleteConnection',
  method: 'DELETE',
  path: '/connections/:connectionId*',
  summary: 'Deletes a connection; the grant is revoked at the provider unless another connection shares it.',
  access: { key: ['environment:connections:delete'] },
  confirmed: true,
  ...address,
  reply: { status: 200, body: values.success },
  errors: ['unknown_provider_config', 'unknown_connection'],
})

const metadataBody = z.strictObject({
  connection_id: z.union([values.connectionId, z.array(values.connectionId).min(1).max(100)]),
  ...integrationOf,
  metadata: values.metadata,
})

export const setMetadata = defineRoute({
  name: 'setMetadata',
  method: 'POST',
  path: '/connections/metadata',
  summary: 'Replaces the metadata of one or more connections.',
  access: { key: ['environment:connections:update'] },
  query: values.nothing,
  body: metadataBody,
  reply: { status: 201, body: metadataBody },
  errors: ['unknown_provider_config', 'unknown_connection'],
})

export const updateMetadata = defineRoute({
  name: 'updateMetadata',
  method: 'PATCH',
  path: '/connections/metadata',
  summary: 'Merges into the metadata of one or more connections (first level only).',
  access: { key: ['environment:connections:update'] },
  query: values.nothing,
  body: metadataBody,
  reply: { status: 200, body: metadataBody },
  errors: ['unknown_provider_config', 'unknown_connection'],
})
