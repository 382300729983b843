/** The dashboard's pages over answers that a test makes up: states that a real server reaches slowly, or never. Every answer is held against the contract. */
import Fastify, { type FastifyRequest } from 'fastify'
import type { Route } from '@hawser/api/route.ts'
import { peopleRoutes, routes } from '@hawser/api/routes.ts'
import { registerWebApp } from '../../server/http/web-files.ts'

export interface StubCall {
  params: Record<string, string>
  query: Record<string, string>
  body: Record<string, unknown>
  headers: FastifyRequest['headers']
}

/** In place of an answer. */
export class Refusal extends Error {
  readonly status: number
  readonly code: string
  constructor(status: number, code: string, message = code) {
    super(message)
    this.status = status
    this.code = code
  }
}

/** By the names of routes; a route without an answer is refused with 404. */
export type Answers = Record<string, (call: StubCall) => unknown>

export interface StubApi {
  /** Of the dashboard, with a slash at its end. */
  url: string
  /** May be changed at any time. */
  answers: Answers
  /** What was called besides GET, in its order. */
  calls: { name: string; call: StubCall }[]
  close(): Promise<void>
}

/** `proxied` answers `/proxy/*`. */
export async function startStubApi(
  answers: Answers,
  proxied?: (call: StubCall & { path: string; method: string }) => unknown,
): Promise<StubApi> {
  // Browsers open connections ahead, without a request yet; closing would wait for them for a minute.
  const app = Fastify({ forceCloseConnections: true })
  const stub: Omit<StubApi, 'url' | 'close'> = { answers, calls: [] }
  const wrongAnswers: string[] = []
  for (const route of [...routes, ...peopleRoutes] as Route[]) {
    const rest = /:([a-zA-Z]+)\*$/.exec(route.path)?.[1]
    app.route({
      method: route.method,
      url: rest === undefined ? route.path : route.path.replace(/:[a-zA-Z]+\*$/, '*'),
      handler: async (request, reply) => {
        const { '*': tail = '', ...params } = request.params as Record<string, string>
        const call = {
          params: rest === undefined ? params : { ...params, [rest]: tail },
          query: request.query as StubCall['query'],
          body: (request.body ?? {}) as StubCall['body'],
          headers: request.headers,
        }
        if (route.method !== 'GET') stub.calls.push({ name: route.name, call })
        try {
          const answer = stub.answers[route.name]
          if (!answer) throw new Refusal(404, 'not_found')
          const body = await answer(call)
          const checked = route.reply.body?.safeParse(body)
          if (checked && !checked.success) wrongAnswers.push(`${route.name}: ${checked.error.message}`)
          return await reply.code(route.reply.status).send(body)
        } catch (error) {
          const { status, code, message } = error instanceof Refusal ? error : new Refusal(500, 'server_error', String(error))
          return reply.code(status).send({ error: { code, message } })
        }
      },
    })
  }
  app.all<{ Params: { '*': string } }>('/proxy/*', async (request, reply) => {
    const { headers, query } = request
    const call = { params: {}, query: query as StubCall['query'], body: (request.body ?? {}) as StubCall['body'], headers }
    return reply.send(proxied?.({ ...call, path: request.params['*'], method: request.method }) ?? {})
  })
  const picture = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1 1"/>'
  app.get('/images/template-logos/:name', async (_, reply) => reply.type('image/svg+xml').send(picture))
  registerWebApp(app, { name: 'dashboard', path: '/dashboard/', embeddable: false, publicUrl: 'http://localhost' })
  const origin = await app.listen({ port: 0, host: '127.0.0.1' })
  return Object.assign(stub, {
    url: `${origin}/dashboard/`,
    async close() {
      await app.close()
      if (wrongAnswers.length > 0) throw new Error(`answers that do not fit the contract:\n${wrongAnswers.join('\n')}`)
    },
  })
}
