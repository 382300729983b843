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
  ...one,
  query: values.nothing,
  reply: { status: 200, body: values.success },
  errors: ['not_found'],
})
