/** Whatever is sent: a 4xx with a code and a sentence, never a 5xx, and not one row changes. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { errors, type ErrorBody } from '@hawser/api/errors.ts'
import type { Route } from '@hawser/api/route.ts'
import { routes } from '@hawser/api/routes.ts'
import { startTestServer, type TestServer } from '../testkit/test-server.ts'
import { badBodies, badQueries } from './bad-values.ts'
import { addIntegration, addOrgApp, connect, openSession } from './customer.ts'
import { rowsOf } from './rows.ts'

const INTEGRATION = 'well-known'
const CONNECTION_ID = '{known}'
const KEY_ID = '00000000-0000-4000-8000-000000000000'
const WELL_FORMED_KEY = `hws_dev_${'A'.repeat(43)}`

let server: TestServer
let sessionToken: string
let id: string
let rows: Record<string, string>

beforeAll(async () => {
  server = await startTestServer()
  await addIntegration(server, INTEGRATION, addOrgApp(server, 'acme-uat', 'bad_input'))
  id = await connect(server, INTEGRATION)
  const before = await rowsOf(server)
  sessionToken = await openSession(server, INTEGRATION)
  rows = await rowsOf(server)
  // Else the comparisons below could not fail.
  expect(rows).not.toEqual(before)
})
afterAll(() => server?.close())

interface Sent {
  method: string
  path: string
  headers?: Record<string, string>
  body?: string
}

/** Sends, and proves that the answer is a readable refusal. */
async function refusal({ method, path, headers = {}, body }: Sent): Promise<{ status: number; error: ErrorBody['error'] }> {
  const response = await fetch(`${server.url}${path.replaceAll(encodeURIComponent(CONNECTION_ID), id)}`, {
    method,
    headers,
    ...(body === undefined ? {} : { body: body.replaceAll(CONNECTION_ID, id) }),
    signal: AbortSignal.timeout(10_000),
    redirect: 'manual',
  })
  const text = await response.text()
  expect(response.status, text).toBeGreaterThanOrEqual(400)
  expect(response.status, text).toBeLessThan(500)
  const { error } = JSON.parse(text) as ErrorBody
  expect(Object.keys(errors)).toContain(error.code)
  expect(errors[error.code][0]).toBe(response.status)
  expect(error.message).toMatch(/\w+ \w+/)
  return { status: response.status, error }
}

function pathOf(route: Route, value = ''): string {
  const known: Record<string, string> = {
    connectionId: encodeURIComponent(CONNECTION_ID),
    uniqueKey: INTEGRATION,
    provider: 'salesforce',
    keyId: KEY_ID,
    clientRowId: KEY_ID,
    tokenId: KEY_ID,
    operationId: KEY_ID,
    deliveryId: KEY_ID,
  }
  return route.path.replace(/:(\w+)\*?/g, (_, name: string) => value || (known[name] ?? ''))
}
const rightQuery = (route: Route): string => (route.path.includes(':connectionId') ? `?provider_config_key=${INTEGRATION}` : '')
const bearer = (route: Route): Record<string, string> => ({ authorization: `Bearer ${route.access.key ? server.apiKey : sessionToken}` })
const json = { 'content-type': 'application/json' }

const guarded = (routes as readonly Route[]).filter((route) => !route.access.open)
const withBody = guarded.filter((route) => route.body)
const withParams = guarded.filter((route) => route.path.includes(':'))
const named = (list: readonly Route[]): [string, Route][] => list.map((route) => [`${route.method} ${route.path}`, route])
const bodies = badBodies({ integration: INTEGRATION, connectionId: CONNECTION_ID })
const queries = badQueries(INTEGRATION)
const unchanged = async (): Promise<void> => expect(await rowsOf(server)).toEqual(rows)

/** Each route sees two unknown keys, and 60 a minute is where the server stops looking them up. */
const ROUTES_A_MINUTE = 25

describe.each(named(guarded))('%s', (_name, route) => {
  beforeAll(() => {
    const at = guarded.findIndex((one) => one.name === route.name)
    if (at > 0 && at % ROUTES_A_MINUTE === 0) server.clock.advance(61_000)
  })

  it.each([
    ['no header', {}],
    ['another scheme', { authorization: 'Basic YTpi' }],
    ['an empty bearer', { authorization: 'Bearer' }],
    ['nonsense', { authorization: 'Bearer nonsense' }],
    ['an unknown key', { authorization: `Bearer ${WELL_FORMED_KEY}` }],
    ['an unknown UUID', { authorization: `Bearer ${KEY_ID}` }],
    ['an unknown session', { authorization: `Bearer nango_connect_session_${'0'.repeat(64)}` }],
    ['300 characters', { authorization: `Bearer ${'x'.repeat(300)}` }],
  ] as [string, Record<string, string>][])('without a right key is 401: %s', async (_what, headers) => {
    const { status } = await refusal({ method: route.method, path: pathOf(route) + rightQuery(route), headers })
    expect(status).toBe(401)
  })

  it('refuses parameters that it does not know', async () => {
    const right = rightQuery(route)
    const body = route.body ? { body: '{}' } : {}
    const sent = {
      method: route.method,
      path: `${pathOf(route)}${right}${right ? '&' : '?'}nonsense=1`,
      headers: { ...bearer(route), ...(route.body ? json : {}) },
      ...body,
    }
    expect((await refusal(sent)).error.code).toBe('invalid_query_params')
  })

  it.each((queries[route.name] ?? []).map((query) => [query.slice(0, 60), query]))('refuses the query %j', async (_shown, query) => {
    const body = route.body ? { body: '{}' } : {}
    await refusal({
      method: route.method,
      path: `${pathOf(route)}?${query}`,
      headers: { ...bearer(route), ...(route.body ? json : {}) },
      ...body,
    })
  })

  it('has changed nothing', unchanged)
})

describe.each(named(withBody))('the body of %s', (_name, route) => {
  const send = (body: string, headers: Record<string, string> = json) =>
    refusal({ method: route.method, path: pathOf(route) + rightQuery(route), headers: { ...bearer(route), ...headers }, body })

  it.each(['{"a":', '{a:1}', "{'a':1}", 'hello', '{"a":1}}', '\u0000', '{"a":"\u0000"}', '\ufeff'])('malformed JSON %j', async (body) => {
    expect((await send(body)).error.code).toBe('invalid_json')
  })

  it.each(['null', '[]', '"text"', '1', 'true', '{"nonsense":1}', '{"__proto__":{"admin":true}}', '{"constructor":{"prototype":{}}}'])(
    'another shape: %s',
    async (body) => {
      expect(['invalid_body', 'invalid_json']).toContain((await send(body)).error.code)
    },
  )

  it('another type, nesting without end, and too large', async () => {
    expect((await send('{}', { 'content-type': 'text/plain' })).error.code).toBe('invalid_content_type')
    expect((await send('a=b', { 'content-type': 'application/x-www-form-urlencoded' })).error.code).toBe('invalid_content_type')
    const deep = `${'{"a":'.repeat(50_000)}1${'}'.repeat(50_000)}`
    expect([400, 413]).toContain((await send(deep)).status)
    expect((await send(`{"a":"${'x'.repeat(2_000_000)}"}`)).error.code).toBe('body_too_large')
  })

  it.each(bodies[route.name] ?? [])('%s', async (_what, body) => {
    const { error } = await send(JSON.stringify(body))
    if (error.code === 'invalid_body') for (const one of error.errors ?? []) expect(one.message).toMatch(/\w/)
  })

  it('has changed nothing', unchanged)
})

describe.each(named(withParams))('the path of %s', (_name, route) => {
  it.each([
    ['x'.repeat(300)],
    ['a%00b'],
    ['%zz'],
    ['%C0%AF'],
    ['%ED%A0%80'],
    ['a%0d%0aset-cookie:%20a=b'],
    ['%F0%9F%92%A5'],
    ['unknown'],
    ['x'.repeat(5000)],
  ])('%s', async (value) => {
    const body = route.body ? { body: '{}' } : {}
    const sent = {
      method: route.method,
      path: pathOf(route, value) + rightQuery(route),
      headers: { ...bearer(route), ...(route.body ? json : {}) },
      ...body,
    }
    expect([400, 404]).toContain((await refusal(sent)).status)
  })

  it('has changed nothing', unchanged)
})

describe('paths that do not exist', () => {
  it.each([
    ['GET', '/nonsense'],
    ['GET', '/connection/abc'],
    ['GET', '/config/abc'],
    ['POST', '/v1/anything'],
    ['DELETE', '/connections'],
    ['PUT', '/integrations'],
    ['GET', '/connect/sessions'],
    ['PATCH', '/health'],
    ['GET', '/%00'],
    ['GET', '/%zz'],
    ['GET', '//evil.example/x'],
  ])('%s %s', async (method, path) => {
    expect([400, 404, 405]).toContain((await refusal({ method, path, headers: { authorization: `Bearer ${server.apiKey}` } })).status)
  })
})
