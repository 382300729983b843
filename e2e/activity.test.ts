/** What happened, as the dashboard shows it: through the whole server, against the fake Salesforce. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { z } from 'zod'
import type { getActivity, listActivity } from '@hawser/api/activity.ts'
import { startTestServer, type TestServer } from '../testkit/test-server.ts'
import { createApiClient } from './api-client.ts'
import { addIntegration, addOrgApp, connect, proxied, readConnection } from './customer.ts'

const KEY = 'watched'
let server: TestServer
let id: string

beforeAll(async () => {
  server = await startTestServer({ env: { HAWSER_ACTIVITY_BODIES: 'on' } })
  await addIntegration(server, KEY, addOrgApp(server, 'acme-uat', 'watched_app'))
  id = await connect(server, KEY, { endUser: 'jane' })
})
afterAll(() => server?.close())

const api = () => createApiClient(server.url, server.apiKey)
type Operation = z.output<typeof listActivity.reply.body>['operations'][number]
async function list(query = ''): Promise<Operation[]> {
  const { body, status } = await api().get<{ operations: Operation[] }>(`/activity${query}`)
  expect(status, JSON.stringify(body)).toBe(200)
  return body.operations
}
const get = async (operation: Operation) =>
  (await api().get<z.output<typeof getActivity.reply.body>>(`/activity/${operation.id}`)).body.data

describe('the activity', () => {
  it('knows the sign-in', async () => {
    expect(await list('?kind=sign_in')).toMatchObject([
      { action: 'connect', outcome: 'success', integration: KEY, connection_id: id, end_user_id: 'jane', actor: { kind: 'session' } },
    ])
  })

  it('knows a call that went well', async () => {
    await (await proxied(server, id, KEY, '/services/data/v61.0/limits?access_token=SECRETVALUE123')).text()
    const [call] = await list('?kind=call')
    expect(call).toMatchObject({
      action: 'proxy',
      outcome: 'success',
      status: 200,
      method: 'GET',
      connection_id: id,
      end_user_id: 'jane',
      actor: { kind: 'key' },
    })
    expect(call!.host).toMatch(/salesforce\.com$/)
    expect(call!.path).toBe('/services/data/v61.0/limits?access_token=[redacted]')
    expect((await get(call!)).messages).toHaveLength(2)
  })

  it('knows what the provider said when a call failed', async () => {
    await (await proxied(server, id, KEY, '/services/data/v61.0/sobjects/Nonsense__x/describe')).text()
    const [call] = await list('?kind=call&outcome=failure')
    expect(call).toMatchObject({ status: 404, outcome: 'failure', error: null })
    const whole = await get(call!)
    expect(whole.response_body).toContain('NOT_FOUND')
    expect(whole.response_headers['content-type']).toContain('json')
    expect(whole.request_headers).not.toHaveProperty('authorization')
  })

  it('knows a call that we refused', async () => {
    await (await proxied(server, 'nobody', KEY, '/services/data')).text()
    const [call] = await list('?kind=call&outcome=failure')
    expect(call).toMatchObject({ status: 404, connection_id: null, error: { code: 'unknown_connection' } })
  })

  it('knows a session that had ended: the refresh, and the call that was sent again', async () => {
    server.clock.advance(3 * 3_600_000)
    await (await proxied(server, id, KEY, '/services/data/v61.0/limits')).text()
    const [refresh] = await list('?kind=refresh')
    expect(refresh).toMatchObject({ outcome: 'success', status: 200, connection_id: id, actor: { kind: 'system' }, integration: KEY })
    expect((await get(refresh!)).messages.map(({ text }) => text)).toEqual([
      expect.stringMatching(/^Token request to .*salesforce\.com$/),
      'The provider sent new tokens.',
      expect.stringMatching(/^Answered 200/),
    ])
  })

  it('knows why a connection broke; its error names the operation', async () => {
    // The user's admin removes the app's access.
    server.fake.revokeUser('ann@acme.example.uat')
    const answer = await proxied(server, id, KEY, '/services/data/v61.0/limits')
    await answer.text()
    expect(answer.status).toBe(424)
    const [refresh] = await list('?kind=refresh')
    expect(refresh).toMatchObject({ outcome: 'failure', status: 400, error: { code: 'invalid_credentials', title: expect.any(String) } })
    const whole = await get(refresh!)
    expect(whole.diagnosis).toMatchObject({ class: expect.any(String), fix: expect.any(Array) })
    expect(whole.messages.map(({ text }) => text)[1]).toBe('The provider answered 400 invalid_grant.')
    const { body } = await api().get<{ connections: { errors: { log_id: string }[]; state: string; open_issues: number }[] }>(
      `/connections?connectionId=${id}`,
    )
    expect(body.connections).toMatchObject([{ errors: [{ log_id: refresh!.id }], state: 'broken', open_issues: 1 }])
  })

  it('sums up', async () => {
    const { body } = await api().get<{ data: { totals: object; connections: object } }>('/overview?hours=24')
    expect(body.data).toMatchObject({
      connections: { total: 1, broken: 1, ok: 0 },
      totals: { calls: 5, client_errors: 3, refreshes: 1, refresh_failures: 1 },
    })
  })

  it('knows changes, and who made them', async () => {
    await api().call('PATCH', `/integrations/${KEY}`, { body: { display_name: 'Watched' } })
    expect((await list('?kind=change'))[0]).toMatchObject({ action: 'integration.updated', integration: KEY, actor: { kind: 'key' } })
    await api().call('DELETE', `/connections/${id}?provider_config_key=${KEY}`)
    expect((await list(`?kind=connection`))[0]).toMatchObject({ action: 'connection.deleted', connection_id: id })
    expect((await list(`?connection=${id}`)).length).toBeGreaterThan(4)
  })

  it('13. is nobody else’s', async () => {
    const { body } = await createApiClient(server.url, server.prodKey).get<{ operations: unknown[] }>('/activity')
    expect(body.operations).toEqual([])
  })

  it('costs a warm call no statement, and the answer no wait', async () => {
    const warm = await connect(server, KEY)
    for (let i = 0; i < 3; i += 1) await (await proxied(server, warm, KEY, '/services/data')).text()
    await server.server.flush()
    const before = server.kit.db.statements
    await (await proxied(server, warm, KEY, '/services/data')).text()
    // Those that follow are of the flushes: at most one each, and none before the answer.
    expect(server.kit.db.statements - before).toBeLessThanOrEqual(1)
  })

  it('4. holds no secret in any column', async () => {
    const warm = await connect(server, KEY)
    const { credentials } = await readConnection(server, warm, KEY, { refresh_token: 'true' })
    const { access_token: token, refresh_token: refreshToken } = credentials as { access_token: string; refresh_token: string }
    for (const path of [
      `/x?sid=${encodeURIComponent(token)}`,
      `/x/${encodeURIComponent(token)}`,
      `/x?refresh_token=${refreshToken}`,
      `/x?q=${token}`,
      `/x?key=${server.apiKey}`,
    ])
      await (await proxied(server, warm, KEY, path, { headers: { 'nango-proxy-x-echo': token, cookie: token } })).text()
    await server.server.flush()
    const { rows } = await server.kit.db.pool.query<{ text: string }>('select a::text as text from activity a')
    expect(rows.length).toBeGreaterThan(12)
    const all = rows.map((row) => row.text).join('\n')
    for (const secret of [server.apiKey, server.prodKey, token, token.split('!')[1]!, refreshToken, encodeURIComponent(token)])
      expect(all).not.toContain(secret)
  })
})
