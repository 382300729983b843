import { unzipSync } from 'fflate'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { API_KEY, createWorld, type World } from './world-for-tests.ts'

let world: World
beforeAll(async () => {
  world = await createWorld()
})
afterAll(() => world.close())

const path = (key: string) => `/connect-ui/own-app/${key}`
const read = async (key: string, token: string) => (await world.api('GET', path(key), token)).body.data
const consumerOf = (app: string) => world.fake.state.apps.get(app)!.consumers[0]!
const uat = () => ({ client_id: consumerOf('hawser_acme_uat').key, client_secret: consumerOf('hawser_acme_uat').secret })

describe('an app of the customer’s own', () => {
  it('is needed where the integration has none, possible where it has, and none of the page’s business elsewhere', async () => {
    const token = await world.newSession()
    const callback_url = `${world.config.publicUrl}/oauth/callback`
    expect(await read('no-client', token)).toEqual({ need: 'required', client_id: null, callback_url })
    expect(await read('sf', token)).toEqual({ need: 'possible', client_id: null, callback_url })
    expect((await read('desk', token)).need).toBe('none')
    const named = { 'no-client': { connection_config: { oauth_client_id_override: 'hers', oauth_client_secret_override: 's' } } }
    expect((await read('no-client', await world.newSession({ integrations_config_defaults: named }))).need).toBe('none')
  })

  it('signs in, and its credentials stay with the connection', async () => {
    const token = await world.newSession()
    const saved = await world.api('PUT', path('sf-sandbox'), token, { ...uat(), client_id: ` ${uat().client_id} ` })
    expect(saved.body.data).toMatchObject({ need: 'possible', client_id: uat().client_id })
    expect(await read('sf-sandbox', token)).toEqual(saved.body.data)
    await world.newBrowser().open(world.beginUrl('sf-sandbox', token, { 'params[hostname]': 'acme--uat' }))
    expect(await world.result(token)).toMatchObject({ outcome: 'success' })
    expect(world.saved.at(-1)?.client).toEqual({ kind: 'own', clientId: uat().client_id, clientSecret: uat().client_secret })
    expect(world.changes).toContain('connect_session.own_app')
  })

  it('4. is handed out by nothing, and logged by nothing', async () => {
    const token = await world.newSession({ integrations_config_defaults: { sf: { connection_config: { hostname: 'acme' } } } })
    const secret = 'a-secret-that-must-not-come-back'
    expect(JSON.stringify(await world.api('PUT', path('sf'), token, { client_id: 'key-of-hers', client_secret: secret }))).not.toContain(
      secret,
    )
    const session = await world.api('GET', '/connect/session', token)
    expect(session.body.data.integrations_config_defaults).toEqual({ sf: { connection_config: { hostname: 'acme' } } })
    expect(JSON.stringify([session.body, await read('sf', token)]) + world.logged.join('')).not.toContain(secret)
  })

  it('can be taken back', async () => {
    const token = await world.newSession()
    await world.api('PUT', path('sf'), token, { client_id: 'wrong-key-entirely', client_secret: 's' })
    expect((await world.api('DELETE', path('sf'), token)).body.data.client_id).toBeNull()
    await world.newBrowser().open(world.beginUrl('sf', token))
    expect(await world.result(token)).toMatchObject({ outcome: 'success' })
    expect(world.saved.at(-1)?.client).toMatchObject({ kind: 'integration' })
  })

  it('12. replaces nothing that the backend has named', async () => {
    const named = { sf: { connection_config: { oauth_client_id_override: 'hers', oauth_client_secret_override: 's' } } }
    const token = await world.newSession({ integrations_config_defaults: named })
    expect((await world.api('PUT', path('sf'), token, uat())).body.error.code).toBe('forbidden')
    expect((await world.api('PUT', path('desk'), token, uat())).body.error.code).toBe('forbidden')
  })

  it('12. is for sessions, and for their own integrations', async () => {
    const token = await world.newSession({ allowed_integrations: ['sf-sandbox'] })
    expect((await world.api('PUT', path('sf'), token, uat())).body.error.code).toBe('integration_not_allowed')
    expect((await world.api('GET', path('sf'), API_KEY)).status).toBe(401)
    expect((await world.api('PUT', path('sf'), `nango_connect_session_${'0'.repeat(64)}`, uat())).status).toBe(401)
  })

  it.each([
    [{}],
    [{ client_id: ' ' }],
    [{ client_id: 7 }],
    [{ client_id: 'x', more: 1 }],
    [{ client_id: 'x'.repeat(256) }],
    [{ client_id: 'x\u0000' }],
  ])('is not %j', async (body) => {
    expect((await world.api('PUT', path('sf'), await world.newSession(), body)).body.error.code).toBe('invalid_body')
  })

  it('comes as files for the Salesforce CLI, with the callback URL and no secret', async () => {
    const token = await world.newSession({ end_user: { id: 'u', email: 'ann@acme.example' } })
    const headers = { authorization: `Bearer ${token}` }
    const answer = await world.app.inject({ url: '/connect-ui/own-app-files/sf-sandbox', headers })
    expect(answer.headers).toMatchObject({ 'content-type': 'application/zip', 'cache-control': 'no-store' })
    const files = unzipSync(answer.rawPayload)
    const text = Object.values(files)
      .map((bytes) => Buffer.from(bytes).toString('utf8'))
      .join('')
    expect(Object.keys(files)).toContain('sfdx-project.json')
    expect(text).toContain(`<callbackUrl>${world.config.publicUrl}/oauth/callback</callbackUrl>`)
    expect(text).toContain('ann@acme.example')
    expect(text).not.toMatch(/consumerSecret>/)
    expect((await world.app.inject({ url: '/connect-ui/own-app-files/desk', headers })).statusCode).toBe(404)
  })
})

describe('the administrator’s part', () => {
  it('ends a failed attempt, and is told to whoever waits', async () => {
    const token = await world.newSession()
    world.fake.consent({ decision: 'deny' })
    await world.newBrowser().open(world.beginUrl('sf', token))
    world.fake.consent({ decision: 'allow' })
    expect(await world.result(token)).toMatchObject({ outcome: 'error' })
    expect((await world.api('GET', '/connect-ui/ready', token)).body.data.ready_at).toBeNull()
    const { body } = await world.api('POST', '/connect-ui/ready', token, {})
    expect(Date.parse(body.data.ready_at)).toBeGreaterThan(0)
    expect(await world.result(token)).toBeNull()
    expect((await world.api('GET', '/connect-ui/ready', token)).body).toEqual(body)
    expect((await world.api('GET', '/connect/session', token)).body.data.overrides).toBeUndefined()
  })

  it('forgets no success', async () => {
    const token = await world.newSession()
    await world.newBrowser().open(world.beginUrl('sf', token))
    await world.api('POST', '/connect-ui/ready', token, {})
    expect(await world.result(token)).toMatchObject({ outcome: 'success' })
  })

  it('is done when an app was pasted', async () => {
    const token = await world.newSession()
    await world.api('PUT', path('sf'), token, uat())
    expect((await world.api('GET', '/connect-ui/ready', token)).body.data.ready_at).not.toBeNull()
  })

  it('19. is for sessions, whose token is read before the body', async () => {
    const answer = await world.app.inject({
      method: 'POST',
      url: '/connect-ui/ready',
      headers: { 'content-type': 'application/json', authorization: `Bearer nango_connect_session_${'0'.repeat(64)}` },
      payload: '{broken',
    })
    expect(answer.statusCode).toBe(401)
  })
})
