import { connect, type AddressInfo } from 'node:net'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { FastifyInstance } from 'fastify'
import pino from 'pino'
import { z } from 'zod'
import { fail } from '@hawser/api/errors.ts'
import { defineRoute } from '@hawser/api/route.ts'
import type { Authenticator } from './authenticate.ts'
import { createServer } from './create-server.ts'
import { handler } from './handler.ts'
import { mount } from './mount.ts'
import type { KeyPrincipal } from './principal.ts'

const route = defineRoute({
  name: 'rename',
  method: 'POST',
  path: '/things/:id*',
  summary: '',
  access: { key: ['environment:integrations:update'] },
  params: z.strictObject({ id: z.string().max(20) }),
  query: z.strictObject({ tags: z.record(z.string(), z.string()).optional() }),
  body: z.strictObject({ name: z.string().min(1).max(10), deep: z.unknown().optional() }),
  reply: { status: 201, body: z.strictObject({ id: z.string(), name: z.string() }) },
})

const openRoute = defineRoute({
  name: 'exchange',
  method: 'POST',
  path: '/exchange',
  summary: '',
  access: { open: true },
  body: z.strictObject({ token: z.string() }),
  reply: { status: 200, body: z.strictObject({ length: z.number() }) },
})

let app: FastifyInstance
let scopes: string[]
let calls: unknown[]
let answer: () => unknown

beforeEach(() => {
  scopes = ['environment:*']
  calls = []
  answer = () => undefined
  const authenticator: Pick<Authenticator, 'request'> = {
    request: async ({ headers }) => {
      if (!headers.authorization) throw fail('missing_auth_header')
      return { kind: 'key', keyId: 'k', environmentId: 'e', environmentName: 'dev', scopes } satisfies KeyPrincipal
    },
  }
  app = createServer({ log: pino({ level: 'silent' }), trustedProxies: [], bodyLimit: 1000 })
  const handlers = [
    handler(route, async ({ params, query, body }) => {
      calls.push({ params, query, body })
      return (answer() ?? { id: params.id, name: body.name }) as { id: string; name: string }
    }),
  ]
  mount(app, { routes: [route], handlers, authenticator: authenticator as Authenticator, checkReplies: true, bodyDeadlineMs: 200 })
})
afterEach(() => app.close())

const post = (url: string, payload: unknown, headers: Record<string, string> = {}) =>
  app.inject({
    method: 'POST',
    url,
    headers: { authorization: 'Bearer k', 'content-type': 'application/json', ...headers },
    payload: typeof payload === 'string' ? payload : JSON.stringify(payload),
  })

describe('201', () => {
  it('parses path (slashes included), nested query and body', async () => {
    const reply = await post('/things/a/b%2Fc?tags[x]=1', { name: 'n' })
    expect(reply.statusCode).toBe(201)
    expect(calls).toEqual([{ params: { id: 'a/b/c' }, query: { tags: { x: '1' } }, body: { name: 'n' } }])
  })
})

it('20. an endpoint that anybody may call takes a small body only', async () => {
  const roomy = createServer({ log: pino({ level: 'silent' }), trustedProxies: [], bodyLimit: 1024 * 1024 })
  const handlers = [handler(openRoute, async ({ body }) => ({ length: body.token.length }))]
  mount(roomy, { routes: [openRoute], handlers, authenticator: {} as Authenticator, checkReplies: true })
  const send = (length: number) => roomy.inject({ method: 'POST', url: '/exchange', payload: { token: 'a'.repeat(length) } })
  expect((await send(8_000)).json()).toEqual({ length: 8_000 })
  expect((await send(17_000)).json().error.code).toBe('body_too_large')
  await roomy.close()
})

it('takes an empty body for none, whatever its content type says', async () => {
  const reply = await post('/things/a', '')
  expect(reply.json().error).toMatchObject({ code: 'invalid_body', errors: [{ path: ['name'], message: 'This field is required' }] })
})

describe('400', () => {
  it.each([
    ['malformed JSON', '{"name":', 'invalid_json'],
    ['an unknown field', { name: 'n', extra: 1 }, 'invalid_body'],
    ['a wrong type', { name: 1 }, 'invalid_body'],
    ['a missing field', {}, 'invalid_body'],
    ['an array', [], 'invalid_body'],
    ['the character U+0000', { name: 'a\0' }, 'invalid_body'],
    ['half a surrogate pair', '{"name":"\\ud800"}', 'invalid_body'],
    ['a prototype key', '{"__proto__":{"x":1},"name":"n"}', 'invalid_json'],
  ])('%s', async (_what, payload, code) => {
    const reply = await post('/things/a', payload)
    expect(reply.statusCode).toBe(400)
    expect(reply.json().error).toMatchObject({ code, message: expect.stringMatching(/\w/) })
    expect(calls).toEqual([])
  })

  it('security 20: nesting without end', async () => {
    const reply = await post('/things/a', `{"name":"n","deep":${'['.repeat(400)}${']'.repeat(400)}}`)
    expect(reply.json().error).toMatchObject({ code: 'invalid_body', errors: [{ code: 'too_deep' }] })
  })

  it('names the broken parameter', async () => {
    const reply = await post('/things/a?tag=1', { name: 'n' })
    expect(reply.json().error).toMatchObject({
      code: 'invalid_query_params',
      errors: [{ path: [], message: expect.stringContaining('tag') }],
    })
  })

  it('a path that is too long or not percent-encoded', async () => {
    expect((await post(`/things/${'x'.repeat(21)}`, { name: 'n' })).json().error.code).toBe('invalid_uri_params')
    expect((await post('/things/%zz', { name: 'n' })).json().error.code).toBe('invalid_uri_params')
  })
})

describe('401, 403, 404, 413, 415', () => {
  it('security 19: an unknown caller is refused before the body is looked at', async () => {
    const reply = await app.inject({
      method: 'POST',
      url: '/things/a',
      headers: { 'content-type': 'application/json' },
      payload: '{"broken',
    })
    expect(reply.statusCode).toBe(401)
    expect(reply.json().error.code).toBe('missing_auth_header')
    expect(reply.headers['www-authenticate']).toBe('Bearer')
  })

  it('a key without the scope', async () => {
    scopes = ['environment:connections:*']
    const reply = await post('/things/a', { name: 'n' })
    expect(reply.statusCode).toBe(403)
    expect(reply.json().error.message).toBe('Insufficient scope. Required: environment:integrations:update')
  })

  it('an unknown path, in JSON', async () => {
    const reply = await app.inject('/nothing/here')
    expect(reply.statusCode).toBe(404)
    expect(reply.json()).toEqual({ error: { code: 'not_found', message: expect.any(String) } })
  })

  it('a body over the limit', async () => {
    expect((await post('/things/a', { name: 'x'.repeat(2000) })).json().error.code).toBe('body_too_large')
  })

  it('another content type', async () => {
    expect((await post('/things/a', 'name=n', { 'content-type': 'application/x-www-form-urlencoded' })).statusCode).toBe(415)
  })
})

describe('20. a body that never comes', () => {
  /** Promises a body and sends its first byte. Resolves with the answer's beginning, or `cut`. */
  async function promiseBody(line: string): Promise<string> {
    await app.listen({ port: 0, host: '127.0.0.1' })
    const socket = connect((app.server.address() as AddressInfo).port, '127.0.0.1')
    const heard = Promise.withResolvers<string>()
    socket.on('data', (data) => heard.resolve(String(data).slice(0, 12)))
    socket.on('error', () => heard.resolve('cut'))
    socket.on('close', () => heard.resolve('cut'))
    socket.write(`${line} HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer k\r\nContent-Type: application/json\r\nContent-Length: 900\r\n\r\n{`)
    const answer = await heard.promise
    socket.destroy()
    return answer
  }

  it.each([
    ['POST /nothing/here', 'HTTP/1.1 404'],
    ['OPTIONS /things/a', 'HTTP/1.1 204'],
  ])('%s does not wait for it: nobody has said who he is', async (line, answer) => {
    expect(await promiseBody(line)).toBe(answer)
  })

  it('is waited for from a known caller, but not for ever', async () => {
    expect(await promiseBody('POST /things/a')).toBe('cut')
    expect(calls).toEqual([])
  })
})

describe('500', () => {
  it('says nothing of what went wrong', async () => {
    answer = () => {
      throw new Error('password is hunter2')
    }
    const reply = await post('/things/a', { name: 'n' })
    expect(reply.statusCode).toBe(500)
    expect(reply.json().error.code).toBe('server_error')
    expect(reply.body).not.toContain('hunter2')
  })

  it('in tests: an answer that does not fit its schema', async () => {
    answer = () => ({ id: 1 })
    expect((await post('/things/a', { name: 'n' })).statusCode).toBe(500)
  })
})

it('does not start when a route of the contract has no handler', () => {
  expect(() => mount(app, { routes: [route], handlers: [], authenticator: {} as Authenticator, checkReplies: true })).toThrow('rename')
})

it('lets browsers of any page call, without cookies', async () => {
  const preflight = await app.inject({ method: 'OPTIONS', url: '/things/a' })
  expect(preflight.statusCode).toBe(204)
  expect(preflight.headers['access-control-allow-origin']).toBe('*')
  expect(preflight.headers['access-control-allow-credentials']).toBeUndefined()
})
