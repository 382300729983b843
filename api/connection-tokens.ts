/** Tokens that call one connection through the proxy or the gateway, and nothing else: for browsers, scripts and tools that must not hold an API key. */
import { z } from 'zod'
import { callLimits } from './limits.ts'
import { defineRoute } from './route.ts'
import * as values from './values.ts'

export const SHORTEST_TOKEN_SECONDS = 60
export const LONGEST_TOKEN_SECONDS = 86_400
export const USUAL_TOKEN_SECONDS = 900

export const createConnectionToken = defineRoute({
  name: 'createConnectionToken',
  method: 'POST',
  path: '/connections/:connectionId/tokens',
  summary:
    'Makes a token for one connection, usable at /proxy and the gateway alone, never for more than the calling key may do (which needs `environment:proxy` too). It ends with the connection, and with that key.',
  access: { key: ['environment:connection_tokens:write'] },
  params: z.strictObject({ connectionId: values.connectionId }),
  query: z.strictObject({ provider_config_key: values.integrationKey }),
  body: z.strictObject({
    /** Seconds; 900 unless given. */
    expires_in: z.int().min(SHORTEST_TOKEN_SECONDS).max(LONGEST_TOKEN_SECONDS).optional(),
    ...callLimits,
  }),
  reply: {
    status: 201,
    body: z.object({
      data: z.object({ token: z.string(), expires_at: values.timestamp }).meta({ id: 'ConnectionToken' }),
    }),
  },
  errors: ['forbidden', 'unknown_provider_config', 'unknown_connection'],
})
