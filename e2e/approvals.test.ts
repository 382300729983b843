/** Salesforce keeps five approvals of one user for one app. The sixth ends the oldest; nobody should have to find that out from a dead connection. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startTestServer, type TestServer } from '../testkit/test-server.ts'
import { createApiClient } from './api-client.ts'
import { addIntegration, addOrgApp, connect, openSession, proxied, query, readConnection, signIn } from './customer.ts'

let server: TestServer
/** Two integrations of one app: Salesforce sees the app, not our integrations. */
const INTEGRATIONS = ['first', 'second'] as const
const made: { id: string; integration: string }[] = []
const api = () => createApiClient(server.url, server.apiKey)

beforeAll(async () => {
  server = await startTestServer()
  const app = addOrgApp(server, 'acme-uat', 'shared_app')
  for (const integration of INTEGRATIONS) await addIntegration(server, integration, app)
})
afterAll(() => server?.close())

async function connectOnce(integration: string, endUser = 'user-1') {
  // Salesforce orders approvals by time.
  server.clock.advance(1000)
  const one = { id: await connect(server, integration, { endUser }), integration }
  made.push(one)
  return one
}

const issuesOf = async ({ id, integration }: { id: string; integration: string }) => (await readConnection(server, id, integration)).issues

async function warningsFor(body: object, path = '/connect/sessions') {
  const session = await api().post<{ data: { token: string } }>(path, body)
  expect(session.status, JSON.stringify(session.body)).toBe(201)
  const { token } = session.body.data
  const read = await createApiClient(server.url, token).get<{
    data: { warnings?: { code: string; message: string; connection_id: string }[] }
  }>('/connect/session')
  return read.body.data.warnings
}

describe('the five approvals', () => {
  it('are no matter up to the fourth', async () => {
    for (const integration of ['first', 'second', 'first', 'second']) expect(await issuesOf(await connectOnce(integration))).toEqual([])
    expect(await warningsFor({ end_user: { id: 'user-1' } })).toBeUndefined()
  })

  it('used up: the newest connection says which one the next sign-in would end', async () => {
    const fifth = await connectOnce('first')
    const issues = await issuesOf(fifth)
    expect(issues).toMatchObject([
      {
        kind: 'approvals_used_up',
        diagnosis: {
          code: 'approvals-used-up',
          actor: 'developer',
          cause: expect.stringContaining(made[0]!.id),
          evidence: { connection_id: made[0]!.id, integration: 'first', since: expect.stringMatching(/^\d{4}-/) },
        },
      },
    ])
  })

  it('warn the person before the sixth sign-in, and nobody else', async () => {
    expect(await warningsFor({ end_user: { id: 'user-1' } })).toEqual([
      { code: 'approvals_used_up', message: expect.stringContaining('stops working'), connection_id: made[0]!.id },
    ])
    expect(await warningsFor({ end_user: { id: 'user-2' } })).toBeUndefined()
    expect(await warningsFor({ tags: { team: 'sales' } })).toBeUndefined()
  })

  it('warn before a reconnect only where it would end another connection than its own', async () => {
    const reconnect = (at: number) =>
      warningsFor(
        { connection_id: made[at]!.id, integration_id: made[at]!.integration, end_user: { id: 'user-1' } },
        '/connect/sessions/reconnect',
      )
    expect(await reconnect(0)).toBeUndefined()
    expect(await reconnect(4)).toMatchObject([{ connection_id: made[0]!.id }])
  })

  it('a reconnect of the oldest takes its own place: no connection ends', async () => {
    const session = await api().post<{ data: { token: string } }>('/connect/sessions/reconnect', {
      connection_id: made[0]!.id,
      integration_id: made[0]!.integration,
    })
    server.clock.advance(1000)
    const page = await signIn(server, made[0]!.integration, session.body.data.token)
    expect(page.result).toMatchObject({ outcome: 'success', connection_id: made[0]!.id })
    made.push(made.shift()!)
    for (const one of made) {
      expect((await proxied(server, one.id, one.integration, query('SELECT Id FROM Account'))).status).toBe(200)
      expect((await issuesOf(one)).map((issue) => issue.kind)).toEqual(one === made.at(-1) ? ['approvals_used_up'] : [])
    }
  })

  it('the sixth: the oldest says which sign-in has ended it, and Salesforce agrees', async () => {
    const [oldest] = made
    const sixth = await connectOnce('second', 'user-2')
    const issues = await issuesOf(oldest!)
    expect(issues).toMatchObject([
      {
        kind: 'approval_evicted',
        diagnosis: {
          code: 'approval-evicted',
          cause: expect.stringContaining(sixth.id),
          evidence: { ended_by: sixth.id, ended_by_integration: 'second' },
        },
      },
    ])
    expect((await issuesOf(sixth)).map((issue) => issue.kind)).toEqual(['approvals_used_up'])
    expect((await issuesOf(made.at(-2)!)).map((issue) => issue.kind)).toEqual([])
    expect((await proxied(server, oldest!.id, oldest!.integration, query('SELECT Id FROM Account'))).status).toBe(424)
    for (const one of made.slice(1))
      expect((await proxied(server, one.id, one.integration, query('SELECT Id FROM Account'))).status).toBe(200)
  })

  it('never name another end user’s connection in a browser', async () => {
    // The next to end belongs to user-1; user-2 has one connection only.
    expect(await warningsFor({ end_user: { id: 'user-2' } })).toBeUndefined()
    const newest = made.at(-1)!
    const body = { connection_id: newest.id, integration_id: newest.integration, end_user: { id: 'user-2' } }
    expect(await warningsFor(body, '/connect/sessions/reconnect')).toBeUndefined()
  })

  it('of another Salesforce user count apart', async () => {
    server.fake.addUser({ orgKey: 'acme-uat', username: 'bob@acme.example.uat' })
    server.fake.consent({ decision: 'allow', user: 'bob@acme.example.uat' })
    const token = await openSession(server, 'first')
    const page = await signIn(server, 'first', token)
    expect(page.result).toMatchObject({ outcome: 'success' })
    const id = page.result?.outcome === 'success' ? page.result.connection_id : ''
    expect(await issuesOf({ id, integration: 'first' })).toEqual([])
  })
})
