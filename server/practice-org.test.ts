import fastify, { type FastifyInstance } from 'fastify'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { registerPracticeLink } from './practice-org.ts'

let app: FastifyInstance
let connections: { connection_id: string }[]
let asked: unknown[]

beforeEach(() => {
  connections = []
  asked = []
  app = fastify()
  app.get('/connections', async ({ query, headers }) => {
    asked.push({ query, key: headers.authorization })
    return { connections }
  })
  for (const url of ['/connect/sessions', '/connect/sessions/reconnect'])
    app.post(url, async ({ body }, reply) => {
      asked.push({ url, body })
      return reply.code(201).send({ data: { connect_link: 'http://localhost:3003/connect-ui/#token' } })
    })
  registerPracticeLink(app, () => 'the-dev-key')
})
afterEach(() => app.close())

describe('the link of the banner', () => {
  it('opens a session for a first connection', async () => {
    const answer = await app.inject('/practice')
    expect([answer.statusCode, answer.headers.location]).toEqual([302, 'http://localhost:3003/connect-ui/#token'])
    expect(asked).toEqual([
      { query: { endUserId: 'practice', integrationId: 'salesforce-practice', limit: '1' }, key: 'Bearer the-dev-key' },
      {
        url: '/connect/sessions',
        body: { end_user: { id: 'practice', display_name: 'Practice' }, allowed_integrations: ['salesforce-practice'] },
      },
    ])
  })

  it('renews the connection that is there, so that "practice" goes on naming one', async () => {
    connections = [{ connection_id: 'c-1' }]
    const answer = await app.inject('/practice')
    expect(answer.statusCode).toBe(302)
    expect(asked[1]).toEqual({
      url: '/connect/sessions/reconnect',
      body: { connection_id: 'c-1', integration_id: 'salesforce-practice' },
    })
  })
})
