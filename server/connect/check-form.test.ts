import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { API_KEY, createWorld, type World } from './world-for-tests.ts'

let world: World
beforeAll(async () => {
  world = await createWorld()
})
afterAll(() => world.close())

const check = (key: string, token: string, params: unknown) => world.api('POST', `/connect-ui/check/${key}`, token, { params })

describe('the check of a filled-in form', () => {
  it('names the field and says what to type, without repeating what was typed', async () => {
    const { status, body } = await check('sf', await world.newSession(), { hostname: 'evil.example' })
    expect(status).toBe(200)
    expect(body.data.errors).toEqual([
      { code: 'invalid', message: expect.stringContaining('Type your Salesforce My Domain'), path: ['params', 'hostname'] },
    ])
    expect(JSON.stringify(body)).not.toContain('evil')
  })

  it('finds nothing in what can be used, nor in an empty form whose fields are optional', async () => {
    const token = await world.newSession()
    for (const params of [{ hostname: 'acme' }, { hostname: '' }, {}]) {
      expect(await check('sf', token, params)).toEqual({ status: 200, body: { data: { errors: [] } } })
    }
    expect((await check('desk', token, {})).body.data.errors).toMatchObject([{ path: ['params', 'subdomain'] }])
  })

  it('counts what the session has filled in', async () => {
    const defaults = { desk: { connection_config: { subdomain: 'acme' } } }
    const token = await world.newSession({ integrations_config_defaults: defaults })
    expect((await check('desk', token, {})).body).toEqual({ data: { errors: [] } })
  })

  it('leaves no trace: no sign-in begins, and the result of the last one stays', async () => {
    const token = await world.newSession()
    world.fake.consent({ decision: 'deny' })
    await world.newBrowser().open(world.beginUrl('sf', token))
    world.fake.consent({ decision: 'allow' })
    await check('sf', token, { hostname: 'evil.example' })
    expect(await world.result(token)).toMatchObject({ error_type: 'callback_err' })
  })

  it('19. looks at no body before it knows who asks', async () => {
    const answer = await world.app.inject({
      method: 'POST',
      url: '/connect-ui/check/sf',
      headers: { 'content-type': 'application/json', authorization: `Bearer nango_connect_session_${'0'.repeat(64)}` },
      payload: '{"params": broken',
    })
    expect([answer.statusCode, answer.json<{ error: { code: string } }>().error.code]).toEqual([401, 'unknown_connect_session_token'])
  })

  it('12. is for sessions, and for their own integrations', async () => {
    const token = await world.newSession({ allowed_integrations: ['sf'] })
    expect((await check('desk', token, {})).body.error.code).toBe('integration_not_allowed')
    expect((await check('sf', API_KEY, {})).status).toBe(401)
    expect((await check('sf', `nango_connect_session_${'0'.repeat(64)}`, {})).body.error.code).toBe('unknown_connect_session_token')
  })

  it.each([[{ hostname: 7 }], ['text'], [{ hostname: 'x'.repeat(2001) }]])('refuses a body of another form', async (params) => {
    expect((await check('sf', await world.newSession(), params)).body.error.code).toBe('invalid_body')
  })
})
