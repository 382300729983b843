/** The OpenAPI 3.1 document, served at `/openapi.json`. */
import { errors } from '@hawser/api/errors.ts'
import type { Route } from '@hawser/api/route.ts'
import type { Contract, Endpoint } from './contract.ts'
import { codesOf, templatePath } from './contract.ts'
import { browserPaths, proxyPath } from './openapi-doors.ts'
import type { JsonSchema } from './json-schema.ts'
import { errorResponses, json, queryParameters, tagOf, type Operation, type Parameter } from './operation.ts'

export function openApiDocument(contract: Contract, product: { name: string; version: string }): object {
  const paths: Record<string, Record<string, Operation>> = {}
  for (const endpoint of contract.endpoints) {
    const path = (paths[templatePath(endpoint.route.path)] ??= {})
    path[endpoint.route.method.toLowerCase()] = operation(endpoint)
  }
  return {
    openapi: '3.1.0',
    info: {
      title: product.name,
      version: product.version,
      description: "Keeps your customers' Salesforce connections alive and calls the API on their behalf.",
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '/' }],
    paths: { ...paths, ...proxyPath(), ...browserPaths() },
    webhooks: Object.fromEntries(contract.webhooks.map((sent) => [sent.type, webhook(sent)])),
    components: {
      schemas: { ...Object.fromEntries(contract.components), Error: errorSchema() },
      securitySchemes: {
        apiKey: { type: 'http', scheme: 'bearer', description: 'An API key: `hws_…`, or a UUID version 4 that you brought.' },
        connectSession: {
          type: 'http',
          scheme: 'bearer',
          description: 'The token of a connect session: `nango_connect_session_…`, valid for 30 minutes.',
        },
      },
    },
  }
}

function operation({ route, params, query, body, reply }: Endpoint): Operation {
  const parameters = [...pathParameters(params, route.path), ...queryParameters(query)]
  const scopes = route.access.key ?? []
  return {
    operationId: route.name,
    summary: route.summary,
    ...(scopes.length > 0
      ? {
          description: `An API key needs ${scopes.length > 1 ? 'one of the scopes' : 'the scope'} ${scopes.map((scope) => `\`${scope}\``).join(', ')}.`,
        }
      : {}),
    tags: [tagOf(route.path)],
    security: securityOf(route),
    ...(parameters.length > 0 ? { parameters } : {}),
    ...(body ? { requestBody: { required: true, content: json(body) } } : {}),
    responses: {
      [route.reply.status]: reply ? { description: 'Success', content: json(reply) } : { description: 'Success' },
      ...errorResponses(codesOf(route)),
    },
  }
}

function securityOf({ access }: Route): Operation['security'] {
  if (access.open) return []
  return [...(access.key ? [{ apiKey: [] }] : []), ...(access.session ? [{ connectSession: [] }] : [])]
}

function pathParameters(params: JsonSchema | undefined, path: string): Parameter[] {
  return Object.entries(params?.properties ?? {}).map(([name, schema]) => ({
    name,
    in: 'path',
    required: true,
    ...(path.includes(`:${name}*`) ? { description: 'May hold slashes, encoded or not.' } : {}),
    schema,
  }))
}

function webhook({ type, summary, payload }: Contract['webhooks'][number]): object {
  const header = (name: string, description: string) => ({ name, in: 'header', required: true, description, schema: { type: 'string' } })
  return {
    post: {
      operationId: `webhook:${type}`,
      summary,
      parameters: [
        header('webhook-id', 'The same for every attempt.'),
        header('webhook-timestamp', 'Seconds since 1970.'),
        header('webhook-signature', 'Standard Webhooks: `v1,<base64>`.'),
        header('X-Nango-Hmac-Sha256', 'Hex HMAC-SHA256 of the exact body; the key is the whole signing key.'),
      ],
      requestBody: { required: true, content: json(payload) },
      responses: {
        '2XX': { description: 'Delivered.' },
        default: { description: 'No answer, 408, 425, 429 and 5xx: sent again for up to 3 days. Anything else: given up.' },
      },
    },
  }
}

function errorSchema(): JsonSchema {
  const field: JsonSchema = {
    type: 'object',
    properties: {
      code: { type: 'string' },
      message: { type: 'string' },
      path: { type: 'array', items: { anyOf: [{ type: 'string' }, { type: 'number' }] } },
    },
    required: ['code', 'message', 'path'],
  }
  const error: JsonSchema = {
    type: 'object',
    properties: {
      code: { type: 'string', enum: Object.keys(errors) },
      message: { type: 'string' },
      errors: { type: 'array', items: field },
      payload: {},
      diagnosis: { $ref: '#/components/schemas/Diagnosis' },
    },
    required: ['code', 'message'],
  }
  return { type: 'object', properties: { error }, required: ['error'] }
}
