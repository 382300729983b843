/** The environment that an API key belongs to, and its keys. */
import { z } from 'zod'
import { keyLimits, shownLimits } from './limits.ts'
import { defineRoute } from './route.ts'
import { scopes } from './scopes.ts'
import * as values from './values.ts'

/** As `salesforce/org.ts` tells them apart. */
export const orgKinds = ['production', 'sandbox', 'developer', 'scratch', 'trailhead', 'trial', 'demo', 'patch', 'unknown'] as const
const orgKind = z.enum(orgKinds)

const colour = z.string().regex(/^#([0-9a-fA-F]{3}|[0-9a-fA-F]{6})$/, 'A colour such as `#1d4f91`')

/** How the hosted connect page looks. Colours are those of its main button, in the light and the dark theme; what can be read on them is chosen by itself. */
export const connectUi = z
  .strictObject({
    /** PNG, JPEG or WebP of up to 64 kB, as a data URL. */
    logo: z.string().max(90_000).nullable(),
    default_theme: z.enum(['light', 'dark', 'system']),
    light_primary: colour.nullable(),
    dark_primary: colour.nullable(),
    /** Names the product at the foot of the page. */
    show_watermark: z.boolean(),
  })
  .meta({ id: 'ConnectUi' })

const settings = z
  .object({
    name: z.string(),
    /** The callback URL to enter in the External Client App. */
    callback_url: z.string(),
    webhook_url: z.string().nullable(),
    /** Verifies webhooks from this server (`verifyWebhook`). Only keys with `environment:settings:update` see it; people with the header `Hawser-Reveal: true`. */
    webhook_signing_key: z.string().nullable(),
    /** Orgs of these kinds cannot be connected in this environment, whatever the integration says. */
    refused_org_kinds: z.array(orgKind),
    connect_ui: connectUi,
  })
  .meta({ id: 'Environment' })

export const getEnvironment = defineRoute({
  name: 'getEnvironment',
  method: 'GET',
  path: '/environment',
  summary: "Reads the environment's settings.",
  access: { key: ['environment:settings:read', 'environment:settings:update'] },
  query: values.nothing,
  reply: { status: 200, body: z.object({ data: settings }) },
})

export const updateEnvironment = defineRoute({
  name: 'updateEnvironment',
  method: 'PATCH',
  path: '/environment',
  summary:
    'Sets the callback URL (empty: the server’s own), the webhook URL (empty: none), the kinds of org that nobody may connect, or the look of the hosted connect page. What is left out stays.',
  access: { key: ['environment:settings:update'] },
  query: values.nothing,
  body: z.strictObject({
    callback_url: values.webhookUrlOverride.optional(),
    webhook_url: values.webhookUrlOverride.optional(),
    refused_org_kinds: z
      .array(orgKind)
      .max(orgKinds.length)
      .refine((kinds) => new Set(kinds).size === kinds.length, 'A kind is listed twice')
      .optional(),
    connect_ui: z.strictObject(connectUi.partial().shape).optional(),
  }),
  reply: { status: 200, body: z.object({ data: settings }) },
})

export const apiKey = z
  .object({
    id: z.string(),
    display_name: z.string(),
    /** The first characters, to recognise it by. */
    hint: z.string(),
    scopes: z.array(z.string()),
    limits: shownLimits.nullable(),
    expires_at: values.timestamp.nullable(),
    /** The key that it was made with, which may be gone; null: the command line. */
    made_by: z.string().nullable(),
    created_at: values.timestamp,
    last_used_at: values.timestamp.nullable(),
  })
  .meta({ id: 'ApiKey' })

export const listApiKeys = defineRoute({
  name: 'listApiKeys',
  method: 'GET',
  path: '/environment/api-keys',
  summary: "Lists the environment's API keys, never their secrets.",
  access: { key: ['environment:api_keys:list', 'environment:api_keys:write'] },
  query: values.nothing,
  reply: { status: 200, body: z.object({ data: z.array(apiKey) }) },
})

const scopeOrWildcard = z.union([
  z.enum(scopes),
  z.string().regex(/^environment:([a-z_]+:)?\*$/, 'A scope, or a wildcard such as `environment:connections:*`'),
])

export const createApiKey = defineRoute({
  name: 'createApiKey',
  method: 'POST',
  path: '/environment/api-keys',
  summary:
    'Makes an API key. Its secret is shown this once. It can hold no scope that the calling key lacks; that key’s limits and end hold for it too.',
  access: { key: ['environment:api_keys:write'] },
  confirmed: true,
  query: values.nothing,
  body: z.strictObject({
    display_name: z.string().min(1).max(255),
    scopes: z.array(scopeOrWildcard).min(1).max(50).optional(),
    /**
     * A key that is limited to connections, methods or paths changes no integration and reads no client credentials; one limited to methods or paths reads
     * no connection's credentials, with which it could call past them.
     */
    limits: keyLimits.optional(),
    expires_at: values.timestamp.optional(),
  }),
  reply: { status: 200, body: z.object({ data: apiKey.extend({ secret: z.string() }).meta({ id: 'CreatedApiKey' }) }) },
  errors: ['conflict', 'forbidden'],
})

const madeKey = z.object({ id: z.string(), display_name: z.string() })

export const deleteApiKey = defineRoute({
  name: 'deleteApiKey',
  method: 'DELETE',
  path: '/environment/api-keys/:keyId',
  summary:
    'Revokes an API key, and with it every connection token that it made, on all nodes within a second. Keys that were made with it go on and are named in the answer; `cascade` ends them too.',
  access: { key: ['environment:api_keys:write'] },
  confirmed: true,
  params: z.strictObject({ keyId: z.uuid() }),
  query: z.strictObject({
    /** Also revokes the API keys and the signing keys that were made with it, or with those: for a key that has leaked. */
    cascade: values.flag,
  }),
  reply: {
    status: 200,
    body: values.success
      .extend({
        cascade: z.boolean(),
        connection_tokens_ended: z.int(),
        /** With `cascade`: ended. Else they still work: look whether you know each of them. */
        api_keys_created: z.array(madeKey),
        signing_keys_registered: z.array(madeKey),
      })
      .meta({ id: 'RevokedApiKey' }),
  },
  errors: ['not_found'],
})
