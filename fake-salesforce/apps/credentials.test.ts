import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { FakeSalesforce } from '../fake-salesforce.ts'
import { startFakeSalesforce } from '../start.ts'
import { appOf, connect, data, refresh, send, STOPPED_CLOCK, type Answer, type Ask } from '../testing/browser.ts'

const DAY = 86_400_000
const NAME = 'hawser_acme_uat'

let fake: FakeSalesforce
let tokens: Record<string, string>

beforeEach(async () => {
  fake = await startFakeSalesforce({ clock: STOPPED_CLOCK })
  fake.set('orgs.acme-uat.sessionTimeoutMin', 100 * 24 * 60)
  fake.set('orgs.acme-uat.ecaSecretRest', true)
  tokens = await connect(fake)
})

afterEach(() => fake.close())

const usage = (path = '', ask: Ask = {}) => data(fake, tokens, `/apps/oauth/usage${path}`, ask)
const credentials = (path = '', ask: Ask = {}) => data(fake, tokens, `/apps/oauth/credentials/${path}`, ask)
const refreshed = (key: string, secret: string): Promise<Answer> =>
  refresh(fake, tokens['refresh_token'] ?? '', { form: { client_id: key, client_secret: secret } })

async function consumerPath(): Promise<string> {
  const { apps } = (await usage()).json
  const { identifier } = apps.find((one: { developerName: string }) => one.developerName === NAME)
  const { consumers } = (await credentials(identifier)).json
  return `${identifier}/${consumers[0].id}`
}

/** The status at another API version. */
async function at(version: string, path: string): Promise<number> {
  const url = `${tokens['instance_url']}/services/data/v${version}/apps/oauth/${path}`
  return (await send(fake, url, { bearer: tokens['access_token'] ?? '' })).status
}

const stage = async (): Promise<Answer> => credentials(`${await consumerPath()}/staged`, { json: {} })

describe('the usage of apps', () => {
  it('lists the apps of the org, their users and tokens, in pages', async () => {
    const all = await usage()
    expect(all.json.apps.map((one: { developerName: string }) => one.developerName)).toEqual([NAME, 'PlatformCLI'])
    expect(all.json.apps[0]).toMatchObject({ label: 'Hawser', identifier: expect.stringMatching(/^0xI\w{15}$/) })
    const first = await usage('?page=0&pageSize=1')
    expect([first.json.apps.length, first.json.nextPageUrl]).toEqual([1, '/services/data/v67.0/apps/oauth/usage?page=1&pageSize=1'])
    const id = all.json.apps[0].identifier
    const { users } = (await usage(`/${id}/users`)).json
    expect(users).toMatchObject([{ username: 'ann@acme.example.uat' }])
    await refresh(fake, tokens['refresh_token'] ?? '')
    const list = (await usage(`/${id}/${users[0].id}/tokens`)).json.tokens
    expect(list).toMatchObject([{ useCount: 2 }])
    expect((await usage(`/tokens/${list[0].id}`, { method: 'DELETE' })).status).toBe(204)
    expect((await usage()).status).toBe(401)
  })

  it('ends every approval of an app', async () => {
    const cli = await connect(fake)
    tokens = await connect(fake, { app: 'PlatformCLI', query: { redirect_uri: 'http://localhost:1717/OauthRedirect' } }).catch(() => tokens)
    expect((await usage(`/${NAME}/tokens`, { method: 'DELETE' })).status).toBe(204)
    expect((await refresh(fake, cli['refresh_token'] ?? '')).json.error_description).toBe('expired access/refresh token')
  })

  it('refuses what is unknown, older versions, and users who may not manage users', async () => {
    expect((await usage('/nobody/users')).status).toBe(404)
    expect((await usage('/tokens/0CQ000000000000', { method: 'DELETE' })).status).toBe(404)
    expect([await at('58.0', 'usage'), await at('59.0', 'usage')]).toEqual([404, 200])
    fake.set('/users/ann@acme.example.uat/permissions/manageUsers', false)
    expect((await usage(`/${NAME}/tokens`, { method: 'DELETE' })).status).toBe(403)
  })
})

describe('the credentials of an app', () => {
  it('are off unless the org and the user’s permissions allow them', async () => {
    expect((await credentials(NAME)).status).toBe(200)
    for (const name of ['viewClientSecret', 'externalClientAppDeveloper']) {
      fake.set(`/users/ann@acme.example.uat/permissions/${name}`, false)
      expect((await credentials(NAME)).json[0].errorCode).toBe('INSUFFICIENT_ACCESS')
      fake.set(`/users/ann@acme.example.uat/permissions/${name}`, true)
    }
    fake.set('orgs.acme-uat.ecaSecretRest', false)
    const off = await credentials(NAME)
    expect([off.status, off.json[0].message]).toEqual([403, expect.stringContaining('feature is not enabled')])
    expect((await credentials('PlatformCLI')).status).toBe(403)
  })

  it('show the key, and the secret only when it is asked for', async () => {
    const path = await consumerPath()
    const { key, secret } = appOf(fake, NAME)
    const list = (await credentials(NAME)).json.consumers
    expect(list).toMatchObject([{ key, name: 'Hawser', stagedCredentialsUrl: expect.stringContaining('/staged') }])
    expect(JSON.stringify(list)).not.toContain(secret)
    expect((await credentials(path)).json).toMatchObject({ key })
    expect((await credentials(path)).json.secret).toBeUndefined()
    expect((await credentials(`${path}?part=secret`)).json.key).toBeUndefined()
    expect((await credentials(`${path}?part=keyandsecret`)).json).toMatchObject({ key, secret })
    expect((await credentials(`${path}?part=all`)).status).toBe(400)
    expect((await credentials(`${NAME}/888000000000000`)).status).toBe(404)
    expect((await credentials('hawser_acme')).status).toBe(404)
  })

  it('are rotated without a gap: staged, both good, promoted, the former good for 30 days', async () => {
    const path = await consumerPath()
    const old = appOf(fake, NAME)
    const staged = await stage()
    expect(staged.status).toBe(201)
    const { id, key, secret, state } = staged.json
    expect([key.slice(0, 5), secret.length, state]).toEqual(['3MVG9', 64, 'Active'])
    expect(staged.json.stagedCredentials).toMatchObject([{ id, key, secret, state, expirationDate: expect.any(String) }])
    expect((await refreshed(key, secret)).status).toBe(200)
    expect((await refreshed(old.key, old.secret)).status).toBe(200)
    const rotated = await credentials(`${path}/staged/${id}`, { method: 'PATCH', json: { command: 'rotate' } })
    expect([rotated.status, rotated.json]).toMatchObject([200, { id, key: old.key, state: 'Rotated' }])
    expect((await credentials(`${path}?part=keyandsecret`)).json).toMatchObject({ key, secret })
    const own = await connect(fake)
    expect(own['access_token']).toBeDefined()
    fake.advance(29 * DAY)
    expect((await refreshed(old.key, old.secret)).status).toBe(200)
    fake.advance(DAY)
    expect((await refreshed(old.key, old.secret)).json.error).toBe('invalid_client_id')
    expect((await refreshed(key, secret)).status).toBe(200)
    expect((await credentials(`${path}/staged`)).json.stagedCredentials).toMatchObject([{ id, state: 'Expired' }])
  })

  it('staged ones are one at a time, can be deleted, and expire', async () => {
    const path = await consumerPath()
    const { id, key, secret } = (await stage()).json
    expect((await stage()).status).toBe(400)
    expect((await credentials(`${path}/staged/${id}`)).json).toMatchObject({ id, key })
    expect((await credentials(`${path}/staged/${id}`, { method: 'DELETE' })).status).toBe(204)
    expect((await credentials(`${path}/staged/${id}`)).status).toBe(404)
    expect((await refreshed(key, secret)).json.error).toBe('invalid_client_id')
    const second = (await stage()).json
    fake.advance(30 * DAY)
    expect((await refreshed(second.key, second.secret)).json.error).toBe('invalid_client_id')
    expect((await credentials(`${path}/staged/${second.id}`, { method: 'PATCH', json: { command: 'rotate' } })).status).toBe(400)
    expect((await stage()).status).toBe(201)
  })

  it('a former one can be deleted at once', async () => {
    const path = await consumerPath()
    const old = appOf(fake, NAME)
    const { id } = (await stage()).json
    expect((await credentials(`${path}/staged/${id}`, { method: 'PATCH', json: { command: 'stage' } })).status).toBe(400)
    await credentials(`${path}/staged/${id}`, { method: 'PATCH', json: { command: 'rotate' } })
    expect((await stage()).status).toBe(201)
    expect((await credentials(`${path}/staged/${id}`, { method: 'DELETE' })).status).toBe(204)
    expect((await refreshed(old.key, old.secret)).json.error).toBe('invalid_client_id')
  })

  it('know their versions', async () => {
    const path = await consumerPath()
    const versions = [await at('59.0', `credentials/${NAME}`), await at('60.0', `credentials/${NAME}`)]
    expect(versions).toEqual([404, 200])
    expect([await at('64.0', `credentials/${path}/staged`), await at('65.0', `credentials/${path}/staged`)]).toEqual([404, 200])
  })
})
