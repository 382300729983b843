/** Tokens that call one connection through the proxy or the gateway, and nothing else: for browsers, scripts and tools that must not hold an API key. */
import { z } from 'zod'
import { callLimits, shownLimits } from './limits.ts'
import { defineRoute } from './route.ts'
import * as values from './values.ts'

export const SHORTEST_TOKEN_SECONDS = 60
export const LONGEST_TOKEN_SECONDS = 86_400
export const USUAL_TOKEN_SECONDS = 900
export const LONGEST_JWT_TEXT = 4096

/** Seconds; 900 unless given. */
const expiresIn = z.int().min(SHORTEST_TOKEN_SECONDS).max(LONGEST_TOKEN_SECONDS)

const made = {
  status: 201,
  body: z.object({
    data: z
      .object({
        /** Names it in lists, and when it is revoked. */
        id: z.string(),
        /** Shown this once. */
        token: z.string(),
        expires_at: values.timestamp,
      })
      .meta({ id: 'ConnectionToken' }),
  }),
} as const

const ofConnection = {
  params: z.strictObject({ connectionId: values.connectionId }),
  query: z.strictObject({ provider_config_key: values.integrationKey }),
}

export const createConnectionToken = defineRoute({
  name: 'createConnectionToken',
  method: 'POST',
  path: '/connections/:connectionId/tokens',
  summary:
    'Makes a token for one connection, usable at /proxy and the gateway alone, never for more than the calling key may do (which needs `environment:proxy` too). It ends with the connection, and with that key.',
  access: { key: ['environment:connection_tokens:write'] },
  ...ofConnection,
  body: z.strictObject({
    /** To recognise it by in lists; nothing secret. */
    display_name: z.string().min(1).max(255).optional(),
    expires_in: expiresIn.optional(),
    ...callLimits,
  }),
  reply: made,
  errors: ['forbidden', 'unknown_provider_config', 'unknown_connection'],
})

const listedConnectionToken = z
  .object({
    id: z.string(),
    display_name: z.string().nullable(),
    /** The first characters, to recognise it by. */
    hint: z.string().nullable(),
    connection_id: z.string(),
    provider_config_key: z.string(),
    /** The token’s own; those of the key that made it hold besides. */
    limits: shownLimits.nullable(),
    /** The key that it ends with. */
    made_by: z.object({ kind: z.enum(['api_key', 'signing_key', 'person']), id: z.string(), display_name: z.string() }),
    created_at: values.timestamp,
    expires_at: values.timestamp,
    /** Written every half a minute. */
    last_used_at: values.timestamp.nullable(),
  })
  .meta({ id: 'ListedConnectionToken' })

export const listConnectionTokens = defineRoute({
  name: 'listConnectionTokens',
  method: 'GET',
  path: '/connection-tokens',
  summary:
    'Lists the tokens that are good at the moment, latest first, never the tokens themselves. JWTs are not in it: nobody counts them.',
  access: { key: ['environment:connection_tokens:list', 'environment:connection_tokens:write'] },
  query: z.strictObject({
    /** An integration’s key. */
    integration: values.integrationKey.optional(),
    connectionId: values.connectionId.optional(),
    /** Those that this API key, or signing key, has made. */
    made_by: z.uuid().optional(),
    limit: values.wholeNumber(1, 200).optional(),
    /** `next` of the page before. */
    before: z.uuid().optional(),
  }),
  reply: { status: 200, body: z.object({ data: z.array(listedConnectionToken), next: z.string().nullable() }) },
})

export const deleteConnectionToken = defineRoute({
  name: 'deleteConnectionToken',
  method: 'DELETE',
  path: '/connection-tokens/:tokenId',
  summary: 'Ends a token, on all nodes within a second.',
  access: { key: ['environment:connection_tokens:write'] },
  params: z.strictObject({ tokenId: z.uuid() }),
  query: values.nothing,
  reply: { status: 200, body: values.success },
  errors: ['not_found'],
})

export const deleteTokensOfConnection = defineRoute({
  name: 'deleteTokensOfConnection',
  method: 'DELETE',
  path: '/connections/:connectionId/tokens',
  summary: 'Ends all tokens of a connection, on all nodes within a second. JWTs go on: delete their signing key, or freeze the connection.',
  access: { key: ['environment:connection_tokens:write'] },
  ...ofConnection,
  reply: {
    status: 200,
    body: z.object({
      /** How many of them were still good. */
      data: z.object({ ended: z.int() }).meta({ id: 'EndedTokens' }),
    }),
  },
  errors: ['unknown_provider_config', 'unknown_connection'],
})

export const exchangeToken = defineRoute({
  name: 'exchangeToken',
  method: 'POST',
  path: '/connection-tokens/exchange',
  summary:
    'Makes a connection token of a JWT that a registered key has signed: for clients that check the form of a token, such as the Salesforce CLI, which takes no `-`. It may do what the JWT may, and ends no later. The JWT is the credential; no API key is needed.',
  access: { open: true },
  query: values.nothing,
  body: z.strictObject({
    token: z.string().min(1).max(LONGEST_JWT_TEXT),
    expires_in: expiresIn.optional(),
  }),
  reply: made,
  errors: ['invalid_token', 'unknown_provider_config', 'unknown_connection', 'too_many_request'],
})
