import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { FakeSalesforce } from '../fake-salesforce.ts'
import { startFakeSalesforce } from '../start.ts'
import { askToAuthorize, callbackOf, connect, data, exchange, refresh, send, STOPPED_CLOCK } from '../testing/browser.ts'

const APP = 'hawser_acme_uat'
const USER = 'ann@acme.example.uat'
const OLD_HOST = 'acme--uat.sandbox.my.salesforce.com'
const EXPIRED = 'expired access/refresh token'

let fake: FakeSalesforce
let tokens: Record<string, string>

beforeEach(async () => {
  fake = await startFakeSalesforce({ clock: STOPPED_CLOCK })
  tokens = await connect(fake)
})

afterEach(() => fake.close())

const again = () => refresh(fake, tokens['refresh_token'] ?? '')
const status = async () => (await data(fake, tokens, '/limits')).status

describe('the life of an org', () => {
  it('a renamed My Domain: another host and instance_url, the same org and tokens', async () => {
    const host = fake.renameMyDomain('acme-uat', 'umbra')
    expect(host).toBe('umbra--uat.sandbox.my.salesforce.com')
    expect((await send(fake, `https://${OLD_HOST}/services/data`)).status).toBe(420)
    expect(await status()).toBe(420)
    const renewed = await again()
    expect(renewed.json.instance_url).toBe(`https://${host}`)
    expect(renewed.json.access_token.slice(0, 15)).toBe(tokens['access_token']?.slice(0, 15))
    expect((await data(fake, { ...tokens, instance_url: `https://${host}` }, '/limits')).status).toBe(200)
    expect(() => fake.renameMyDomain('acme-uat', host)).toThrow('taken')
    expect(fake.renameMyDomain('acme', 'umbra')).toBe('umbra.my.salesforce.com')
  })

  it('the former host may redirect', async () => {
    const host = fake.renameMyDomain('acme-uat', 'umbra', 'redirect')
    const answer = await send(fake, `https://${OLD_HOST}/services/data/v67.0/query?q=a+b`)
    expect([answer.status, answer.headers.location]).toEqual([302, `https://${host}/services/data/v67.0/query?q=a+b`])
  })

  it('a migration changes the instance name only', async () => {
    fake.migrateOrg('acme-uat', 'USA930S')
    const row = (await data(fake, tokens, '/query?q=SELECT+Id,InstanceName+FROM+Organization')).json.records[0]
    expect([row.InstanceName, row.Id]).toEqual(['USA930S', fake.state.orgs.get('acme-uat')?.orgId])
  })

  it('a deleted org: its host is under construction, the generic host says inactive', async () => {
    const { code = '' } = callbackOf(await askToAuthorize(fake, { at: 'test' }))
    fake.deleteOrg('acme-uat')
    for (const answer of [await data(fake, tokens, '/limits'), await again(), await askToAuthorize(fake)]) {
      expect([answer.status, answer.text.includes('site under construction')]).toEqual([200, true])
    }
    expect((await exchange(fake, code, { at: 'test' })).json.error).toBe('inactive_org')
    fake.deleteOrg('globex-uat', 'gone')
    expect((await send(fake, 'https://globex--uat.sandbox.my.salesforce.com/services/data')).status).toBe(420)
  })

  it('an outage, by requests or by time', async () => {
    fake.outage({ requests: 1 })
    expect([await status(), await status()]).toEqual([503, 200])
    fake.outage({ ms: 60_000 })
    expect([await status(), (await again()).status]).toEqual([503, 503])
    fake.advance(60_000)
    expect(await status()).toBe(200)
  })
})

describe('the life of access', () => {
  it('a removed app is unknown, and its tokens are gone', async () => {
    fake.removeApp(APP)
    expect(await status()).toBe(401)
    expect((await again()).json.error).toBe('invalid_client_id')
    expect(() => fake.removeApp(APP)).toThrow('no app')
  })

  it('a deactivated user', async () => {
    fake.deactivateUser(USER)
    expect(await status()).toBe(401)
    expect((await again()).json.error_description).toBe('inactive user')
  })

  it('a changed password ends sessions, and refresh tokens only where that is asked for', async () => {
    fake.changePassword(USER)
    expect(await status()).toBe(401)
    expect((await again()).status).toBe(200)
    fake.changePassword(USER, true)
    expect((await again()).json.error_description).toBe(EXPIRED)
  })

  it('a revoked approval ends one app of one user', async () => {
    fake.addApp({ orgKey: 'acme-uat', developerName: 'other', callbackUrls: ['http://localhost:3003/oauth/callback'] })
    const other = await connect(fake, { app: 'other' })
    expect(fake.revokeApproval(USER, APP)).toBe(1)
    expect((await again()).json.error_description).toBe(EXPIRED)
    expect((await refresh(fake, other['refresh_token'] ?? '', { app: 'other' })).status).toBe(200)
  })

  it('all of it by the control API', async () => {
    const post = async (name: string, json: unknown) => (await send(fake, `${fake.controlUrl}/${name}`, { json })).status
    const asks: [string, unknown][] = [
      ['rename-my-domain', { org: 'acme-uat', name: 'umbra', formerHost: 'redirect' }],
      ['migrate-org', { org: 'acme-uat', instanceName: 'CS1' }],
      ['outage', { requests: 0, ms: 0 }],
      ['change-password', { user: USER }],
      ['revoke-approval', { user: USER, app: APP }],
      ['deactivate-user', { user: USER }],
      ['remove-app', { app: APP }],
      ['delete-org', { org: 'acme-uat', host: 'gone' }],
    ]
    for (const [name, json] of asks) expect([name, await post(name, json)]).toEqual([name, 200])
    expect(await post('delete-org', { org: 'acme', host: 'maybe' })).toBe(400)
    expect(await post('outage', { ms: -1 })).toBe(400)
    expect(await post('remove-app', { app: APP })).toBe(400)
  })
})
