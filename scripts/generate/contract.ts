/** The contract, read once for all that is printed from it. */
import type { z } from 'zod'
import type { ErrorCode } from '@hawser/api/errors.ts'
import type { Route } from '@hawser/api/route.ts'
import { routes } from '@hawser/api/routes.ts'
import { webhooks } from '@hawser/api/webhooks.ts'
import { schemaOf, type Components, type JsonSchema } from './json-schema.ts'

export interface Endpoint {
  route: Route
  params: JsonSchema | undefined
  query: JsonSchema | undefined
  body: JsonSchema | undefined
  /** Undefined: no body. */
  reply: JsonSchema | undefined
}

export interface Contract {
  endpoints: Endpoint[]
  webhooks: { type: string; summary: string; payload: JsonSchema }[]
  /** By name, in the order of the alphabet. */
  components: Components
}

export function readContract(all: readonly Route[] = routes): Contract {
  const components: Components = new Map()
  const input = (schema: z.ZodType | undefined) => schema && schemaOf(schema, 'input', components)
  const endpoints = all.map((route) => ({
    route,
    params: input(route.params),
    query: route.query && querySchema(route.query, components),
    body: input(route.body),
    reply: route.reply.body ? schemaOf(route.reply.body, 'output', components) : undefined,
  }))
  const sent = Object.entries(webhooks).map(([type, { schema, summary }]) => ({
    type,
    summary,
    payload: schemaOf(schema, 'output', components),
  }))
  return { endpoints, webhooks: sent, components: new Map([...components].sort(([a], [b]) => (a < b ? -1 : 1))) }
}

/** In a URL everything is text; what the text stands for (a number, true or false) is what people write, and what OpenAPI encodes by itself. */
function querySchema(schema: z.ZodType, components: Components): JsonSchema {
  const read = schemaOf(schema, 'output', components)
  const { required = [] } = schemaOf(schema, 'input', components)
  return { ...read, required }
}

/** What everyone can meet. */
export const commonCodes: readonly ErrorCode[] = ['invalid_request', 'server_error']
export const keyCodes: readonly ErrorCode[] = [
  'missing_auth_header',
  'malformed_auth_header',
  'invalid_secret_key_format',
  'unknown_account',
  'too_many_request',
  'credentials_unavailable',
]
export const sessionCodes: readonly ErrorCode[] = ['invalid_connect_session_token_format', 'unknown_connect_session_token']

/** Every code that the endpoint may answer, its own ones first. */
export function codesOf({ access, params, query, body, errors = [] }: Route): ErrorCode[] {
  return [
    ...new Set<ErrorCode>([
      ...errors,
      ...(params ? (['invalid_uri_params'] as const) : []),
      ...(query ? (['invalid_query_params'] as const) : []),
      ...(body ? (['invalid_body', 'invalid_json', 'invalid_content_type', 'body_too_large'] as const) : []),
      ...(access.key && access.key.length > 0 ? (['forbidden'] as const) : []),
      ...(access.open ? [] : keyCodes),
      ...(access.session ? sessionCodes : []),
      ...commonCodes,
    ]),
  ]
}

/** `/connections/:connectionId*` as `/connections/{connectionId}`. */
export function templatePath(path: string): string {
  return path.replaceAll(/:([A-Za-z]+)\*?/g, '{$1}')
}
