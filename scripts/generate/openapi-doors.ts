/** What is not a JSON endpoint: the proxy, and the pages that a browser opens on the way through a sign-in. */
import type { ErrorCode } from '@hawser/api/errors.ts'
import { oauthCallback, oauthConnect } from '@hawser/api/browser.ts'
import { proxyHeaders, proxyPrefix } from '@hawser/api/proxy.ts'
import { keyCodes, templatePath } from './contract.ts'
import { schemaOf } from './json-schema.ts'
import { errorResponses, queryParameters, type Operation, type Parameter } from './operation.ts'

const METHODS = ['get', 'head', 'post', 'put', 'patch', 'delete', 'options'] as const
const WITH_BODY = new Set<string>(['post', 'put', 'patch', 'delete'])

export const proxyCodes: readonly ErrorCode[] = [
  'unknown_provider_config',
  'unknown_connection',
  'invalid_headers',
  'missing_api_url',
  'base_url_override_disabled',
  'base_url_override_not_allowed',
  'egress_refused',
  'unsupported_auth',
  'invalid_credentials',
  'connection_refresh_backoff',
  'connection_refresh_exhausted',
  'refresh_token_external_error',
  'interrupted_refresh',
  'refresh_timeout',
  'vault_frozen',
  'send_again',
  'upstream_unreachable',
  'upstream_timeout',
  'upgrade_not_supported',
  'forbidden',
  ...keyCodes,
  'invalid_request',
  'server_error',
]

export function proxyPath(): Record<string, Record<string, Operation>> {
  const path: Record<string, Operation> = {}
  for (const method of METHODS) path[method] = proxyOperation(method)
  return { [`${proxyPrefix}/{path}`]: path }
}

function proxyOperation(method: string): Operation {
  const anything = { '*/*': { schema: {} } }
  return {
    operationId: `proxy${method[0]!.toUpperCase()}${method.slice(1)}`,
    summary: "Calls the provider's API with the connection's credentials. Body and answer are streamed as they are.",
    description:
      'An API key needs the scope `environment:proxy`. Headers named `nango-proxy-<name>` reach the provider as `<name>`; of the others only `Accept`, `Accept-Encoding`, `Content-Type`, `Content-Encoding`, `Sforce-*`, conditional and range headers do.',
    tags: ['proxy'],
    security: [{ apiKey: [] }],
    parameters: [
      {
        name: 'path',
        in: 'path',
        required: true,
        description: 'The path at the provider, with its slashes; the query string goes along.',
        schema: { type: 'string' },
      },
      ...headerParameters(),
    ],
    ...(WITH_BODY.has(method) ? { requestBody: { required: false, content: anything } } : {}),
    responses: {
      ...errorResponses(proxyCodes),
      default: { description: "The provider's own answer: status, end-to-end headers and body.", content: anything },
    },
  }
}

function headerParameters(): Parameter[] {
  const { properties = {}, required = [] } = schemaOf(proxyHeaders, 'input', new Map())
  return Object.entries(properties).map(([name, schema]) => ({ name, in: 'header', required: required.includes(name), schema }))
}

export function browserPaths(): Record<string, Record<string, Operation>> {
  const components = new Map()
  const page = { 'text/html': { schema: { type: 'string' } } }
  const params = schemaOf(oauthConnect.params, 'input', components)
  return {
    [templatePath(oauthConnect.path)]: {
      get: {
        operationId: 'oauthConnect',
        summary: "Opened in the customer's browser: sends it on to the provider's sign-in. The session's token comes in the query.",
        tags: ['oauth'],
        security: [],
        parameters: [
          ...Object.entries(params.properties ?? {}).map(([name, schema]): Parameter => ({ name, in: 'path', required: true, schema })),
          ...queryParameters(schemaOf(oauthConnect.query, 'input', components)),
        ],
        responses: {
          302: { description: "To the provider's sign-in." },
          400: { description: 'Why it cannot go on, as a page.', content: page },
        },
      },
    },
    [oauthCallback.path]: {
      get: {
        operationId: 'oauthCallback',
        summary: 'The redirect URI: the provider sends the browser back here.',
        tags: ['oauth'],
        security: [],
        parameters: queryParameters(schemaOf(oauthCallback.query, 'input', components)),
        responses: {
          200: { description: 'The connection is made; the page closes itself.', content: page },
          400: { description: 'Why it is not, as a page.', content: page },
        },
      },
    },
  }
}
