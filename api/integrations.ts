import { z } from 'zod'
import { defineRoute } from './route.ts'
import * as values from './values.ts'

const scopeList = z
  .string()
  .max(2000)
  .regex(/^([0-9a-zA-Z:/_.*-]+(,[0-9a-zA-Z:/_.*-]+)*)?$/, 'Scopes are a comma-separated list without spaces')

const clientCredentials = {
  client_id: z.string().trim().min(1).max(255),
  /** May be left out where the provider's app has no secret and PKCE alone protects it. */
  client_secret: z.string().trim().min(1).max(2048).optional(),
  scopes: scopeList.optional(),
  webhook_secret: z.string().max(255).optional(),
}

export const integrationCredentialsInput = z.strictObject({ type: z.literal('OAUTH2'), ...clientCredentials })

export const integrationCredentials = z
  .object({
    type: z.literal('OAUTH2'),
    client_id: z.string().nullable(),
    /** Never handed out again; `null` when there is none. */
    client_secret: z.string().nullable(),
    scopes: z.string().nullable(),
    webhook_secret: z.string().nullable(),
  })
  .meta({ id: 'IntegrationCredentials' })

/** Hosts that this integration's proxy calls may be sent to besides the provider's own: `api.example.com`, one a line of the list. */
const baseUrlHosts = z
  .array(
    z
      .string()
      .min(1)
      .max(255)
      .regex(/^[a-z0-9.-]+(:\d{1,5})?$/, 'A host name in lower case, with a port if it is not 443'),
  )
  .max(20)

/** Where an administrator installs the packaged app before anybody can connect. */
const installUrl = z
  .url({ protocol: /^https$/, error: 'An absolute https URL' })
  .max(2000)
  .refine((text) => URL.canParse(text) && new URL(text).username === '' && new URL(text).password === '', 'A URL without a user name')
  .nullable()

/** An org of another kind than the provider's (a production org in a sandbox integration): refused, or connected with a warning. */
const wrongOrgKind = z.enum(['refuse', 'warn'])

/** The move of the app from a connected app to an External Client App, which keeps its client id and secret. */
export const appMigration = z
  .object({
    state: z.enum(['announced', 'done']),
    announced_at: values.timestamp,
    /** The connection that is refreshed first, right after the move, to see whether refresh tokens outlive it. */
    canary_connection_id: z.string().nullable(),
    done_at: values.timestamp.nullable(),
    outcome: z.enum(['survived', 'reconnect']).nullable(),
  })
  .meta({ id: 'AppMigration' })

export const integration = z
  .object({
    unique_key: z.string(),
    provider: z.string(),
    display_name: z.string(),
    logo: z.string(),
    forward_webhooks: z.boolean(),
    created_at: values.timestamp,
    updated_at: values.timestamp,
    base_url_override_hosts: z.array(z.string()),
    install_url: z.string().nullable(),
    wrong_org_kind: wrongOrgKind,
    app_migration: appMigration.nullable(),
    webhook_url: z.string().nullable().optional(),
    credentials: integrationCredentials.nullable().optional(),
  })
  .meta({ id: 'Integration' })

const one = { params: z.strictObject({ uniqueKey: values.integrationKey }) }
const answer = z.object({ data: integration })

export const listIntegrations = defineRoute({
  name: 'listIntegrations',
  method: 'GET',
  path: '/integrations',
  summary: "Lists the environment's integrations; a connect session sees those it may use.",
  access: { key: ['environment:integrations:list'], session: true },
  query: values.nothing,
  reply: { status: 200, body: z.object({ data: z.array(integration) }) },
})

export const createIntegration = defineRoute({
  name: 'createIntegration',
  method: 'POST',
  path: '/integrations',
  summary: "Creates an integration: a provider with your app's client id and secret.",
  access: { key: ['environment:integrations:create'] },
  query: values.nothing,
  body: z.strictObject({
    provider: values.providerName,
    unique_key: values.integrationKey,
    display_name: z.string().min(1).max(255).optional(),
    forward_webhooks: z.boolean().optional(),
    credentials: integrationCredentialsInput.optional(),
    base_url_override_hosts: baseUrlHosts.optional(),
    install_url: installUrl.optional(),
    wrong_org_kind: wrongOrgKind.optional(),
  }),
  reply: { status: 200, body: answer },
  errors: ['unknown_provider', 'conflict'],
})

export const createQuickstartIntegration = defineRoute({
  name: 'createQuickstartIntegration',
  method: 'POST',
  path: '/integrations/quickstart',
  summary: 'Creates an integration without credentials; they are set later, or belong to each connection.',
  access: { key: ['environment:integrations:create'] },
  query: values.nothing,
  body: z.strictObject({
    provider: values.providerName,
    unique_key: values.integrationKey,
    display_name: z.string().min(1).max(255).optional(),
    forward_webhooks: z.boolean().optional(),
    install_url: installUrl.optional(),
    wrong_org_kind: wrongOrgKind.optional(),
  }),
  reply: { status: 200, body: answer },
  errors: ['unknown_provider', 'conflict'],
})

const include = z.enum(['webhook', 'credentials'])

export const getIntegration = defineRoute({
  name: 'getIntegration',
  method: 'GET',
  path: '/integrations/:uniqueKey',
  summary: 'Reads an integration; `include=credentials` adds the client id, never the secret.',
  access: { key: ['environment:integrations:read', 'environment:integrations:read_credentials'] },
  ...one,
  query: z.strictObject({ include: z.union([include, z.array(include).max(4)]).optional() }),
  reply: { status: 200, body: answer },
  errors: ['not_found', 'forbidden'],
})

export const updateIntegration = defineRoute({
  name: 'updateIntegration',
  method: 'PATCH',
  path: '/integrations/:uniqueKey',
  summary: 'Changes an integration. A new client secret is used from the next token request on.',
  access: { key: ['environment:integrations:update'] },
  ...one,
  query: values.nothing,
  body: z.strictObject({
    unique_key: values.integrationKey.optional(),
    display_name: z.string().min(1).max(255).optional(),
    forward_webhooks: z.boolean().optional(),
    credentials: z
      .strictObject({ type: z.literal('OAUTH2'), ...clientCredentials, client_id: clientCredentials.client_id.optional() })
      .optional(),
    base_url_override_hosts: baseUrlHosts.optional(),
    install_url: installUrl.optional(),
    wrong_org_kind: wrongOrgKind.optional(),
  }),
  reply: { status: 200, body: answer },
  errors: ['not_found', 'conflict', 'integration_in_use'],
})

export const deleteIntegration = defineRoute({
  name: 'deleteIntegration',
  method: 'DELETE',
  path: '/integrations/:uniqueKey',
  summary: 'Deletes an integration with all its connections.',
  access: { key: ['environment:integrations:delete'] },
  confirmed: true,
  ...one,
  query: values.nothing,
  reply: { status: 200, body: values.success },
  errors: ['not_found'],
})

export const recordAppMigration = defineRoute({
  name: 'recordAppMigration',
  method: 'POST',
  path: '/integrations/:uniqueKey/app-migration',
  summary: 'Notes that the connected app is about to become an External Client App, or what came of it.',
  access: { key: ['environment:integrations:update'] },
  ...one,
  query: values.nothing,
  body: z.discriminatedUnion('state', [
    z.strictObject({ state: z.literal('announced'), canary_connection_id: values.connectionId.optional() }),
    z.strictObject({ state: z.literal('done'), outcome: z.enum(['survived', 'reconnect']) }),
  ]),
  reply: { status: 200, body: answer },
  errors: ['not_found', 'unknown_connection', 'conflict'],
})

export const integrationClient = z
  .object({
    /** Of the row: how the other endpoints address it. */
    id: z.string(),
    client_id: z.string(),
    /** `active`: new sign-ins use it. `staged`: the next credentials of the same app. `retired`: connections that it minted still refresh with it. */
    state: z.enum(['active', 'staged', 'retired']),
    has_secret: z.boolean(),
    /** Connections whose tokens it minted. */
    connections: z.int(),
    /** Of these: no longer working, waiting for a reconnect or a mended app. */
    broken_connections: z.int(),
    /** The row whose credentials of the same app it follows; their connections refresh with either. */
    succeeds: z.string().nullable(),
    created_at: values.timestamp,
    retired_at: values.timestamp.nullable(),
  })
  .meta({ id: 'IntegrationClient' })

const clientAnswer = z.object({ data: integrationClient })

export const listIntegrationClients = defineRoute({
  name: 'listIntegrationClients',
  method: 'GET',
  path: '/integrations/:uniqueKey/clients',
  summary: "Lists the integration's client credentials with the number of connections that live on each; never their secrets.",
  access: { key: ['environment:integrations:read_credentials'] },
  ...one,
  query: values.nothing,
  reply: { status: 200, body: z.object({ data: z.array(integrationClient) }) },
  errors: ['not_found'],
})

export const stageIntegrationClient = defineRoute({
  name: 'stageIntegrationClient',
  method: 'PUT',
  path: '/integrations/:uniqueKey/clients/staged',
  summary: 'Keeps the next credentials of the same app, while both are valid. Sending them again is harmless.',
  access: { key: ['environment:integrations:update'] },
  ...one,
  query: values.nothing,
  body: z.strictObject({ client_id: clientCredentials.client_id, client_secret: clientCredentials.client_secret.unwrap() }),
  reply: { status: 200, body: clientAnswer },
  errors: ['not_found', 'missing_client_id', 'conflict'],
})

export const promoteIntegrationClient = defineRoute({
  name: 'promoteIntegrationClient',
  method: 'POST',
  path: '/integrations/:uniqueKey/clients/staged/promote',
  summary:
    'Makes the staged credentials the active ones; the former go on for the connections that they minted. Calling it again is harmless.',
  access: { key: ['environment:integrations:update'] },
  ...one,
  query: values.nothing,
  reply: { status: 200, body: clientAnswer },
  errors: ['not_found'],
})

export const deleteStagedIntegrationClient = defineRoute({
  name: 'deleteStagedIntegrationClient',
  method: 'DELETE',
  path: '/integrations/:uniqueKey/clients/staged',
  summary: 'Forgets the staged credentials. Calling it again is harmless.',
  access: { key: ['environment:integrations:update'] },
  ...one,
  query: values.nothing,
  reply: { status: 200, body: values.success },
  errors: ['not_found', 'client_in_use'],
})

export const deleteIntegrationClient = defineRoute({
  name: 'deleteIntegrationClient',
  method: 'DELETE',
  path: '/integrations/:uniqueKey/clients/:clientRowId',
  summary: 'Forgets client credentials that no connection needs any more. Tokens are never deleted with them.',
  access: { key: ['environment:integrations:update'] },
  params: one.params.extend({ clientRowId: z.uuid() }),
  query: values.nothing,
  reply: {
    status: 200,
    body: z.object({
      success: z.boolean(),
      /** Connections that were handed over to the active credentials of the same app. */
      moved_connections: z.int(),
    }),
  },
  errors: ['not_found', 'client_in_use'],
})
