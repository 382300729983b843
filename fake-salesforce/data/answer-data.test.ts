import { createHash } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { FakeSalesforce } from '../fake-salesforce.ts'
import { startFakeSalesforce } from '../start.ts'
import { connect, data, send, type Answer, STOPPED_CLOCK } from '../testing/browser.ts'

let fake: FakeSalesforce
let tokens: Record<string, string>

beforeEach(async () => {
  fake = await startFakeSalesforce({ clock: STOPPED_CLOCK })
  tokens = await connect(fake)
})

afterEach(() => fake.close())

const SESSION = [{ message: 'Session expired or invalid', errorCode: 'INVALID_SESSION_ID' }]

async function limits(): Promise<Answer> {
  return data(fake, tokens, '/limits')
}

describe('who may call', () => {
  it('nobody without a live session of this very org', async () => {
    const url = `${tokens['instance_url']}/services/data/v67.0/limits`
    const globex = await connect(fake, { at: 'org:globex-uat', app: 'hawser_globex_uat' })
    for (const bearer of ['', 'nonsense', globex['access_token'] ?? '']) {
      const answer = await send(fake, url, bearer === '' ? {} : { bearer })
      expect([answer.status, answer.json]).toEqual([401, SESSION])
    }
    expect(fake.log.entries.slice(-3).map((entry) => entry.bearer)).toEqual(['none', 'unknown', 'foreign'])
  })

  it('takes Bearer, OAuth, and the header of Bulk 1', async () => {
    const url = `${tokens['instance_url']}/services/data/v67.0/limits`
    const token = tokens['access_token'] ?? ''
    expect((await send(fake, url, { headers: { authorization: `OAuth ${token}` } })).status).toBe(200)
    expect((await send(fake, url, { headers: { 'x-sfdc-session': token } })).status).toBe(200)
    expect((await send(fake, url, { headers: { authorization: `Basic ${token}` } })).status).toBe(401)
  })

  it('not at the login hosts', async () => {
    const answer = await send(fake, 'https://test.salesforce.com/services/data/v67.0/limits', { bearer: tokens['access_token'] ?? '' })
    expect([answer.status, answer.json]).toEqual([
      400,
      [{ message: 'Destination URL not reset. The URL returned from login must be set', errorCode: 'URL_NOT_RESET' }],
    ])
  })

  it('not without the api scope, in words that must not cause a refresh', async () => {
    tokens = await connect(fake, { query: { scope: 'id refresh_token' } })
    const answer = await limits()
    expect([answer.status, answer.json[0].message]).toEqual([401, 'This session is not valid for use with the REST API'])
  })

  it('sessions slide with use, and end 120 minutes after the last one', async () => {
    for (let i = 0; i < 3; i++) {
      fake.advance(119 * 60_000)
      expect((await limits()).status).toBe(200)
    }
    fake.advance(120 * 60_000)
    expect((await limits()).json).toEqual(SESSION)
  })

  it('sessions of JWT tokens end on time', async () => {
    fake.set('apps.hawser_acme_uat.flags.jwtAccessTokens', true)
    tokens = await connect(fake)
    expect(tokens['access_token']?.split('.')).toHaveLength(3)
    fake.advance(100 * 60_000)
    expect((await limits()).status).toBe(200)
    fake.advance(21 * 60_000)
    expect((await limits()).status).toBe(401)
  })

  it('the session length is the app policy, else the org setting', async () => {
    fake.set('orgs.acme-uat.sessionTimeoutMin', 15)
    tokens = await connect(fake)
    fake.advance(14 * 60_000)
    expect((await limits()).status).toBe(200)
    fake.set('apps.hawser_acme_uat.policy.sessionTimeoutMin', 30)
    tokens = await connect(fake)
    fake.advance(29 * 60_000)
    expect((await limits()).status).toBe(200)
    fake.advance(31 * 60_000)
    expect((await limits()).status).toBe(401)
  })

  it('not when the user is inactive, the org locked, or the API off', async () => {
    fake.set('/users/ann@acme.example.uat/active', false)
    expect((await limits()).status).toBe(401)
    fake.set('/users/ann@acme.example.uat/active', true)
    fake.set('orgs.acme-uat.apiEnabled', false)
    expect((await limits()).json[0].errorCode).toBe('API_DISABLED_FOR_ORG')
    fake.set('orgs.acme-uat.apiEnabled', true)
    fake.set('/users/ann@acme.example.uat/apiEnabled', false)
    expect([(await limits()).status, (await limits()).json[0].errorCode]).toEqual([403, 'API_CURRENTLY_DISABLED'])
    fake.set('orgs.acme-uat.deleted', true)
    const gone = await limits()
    expect([gone.status, gone.text.includes('site under construction')]).toEqual([200, true])
  })

  it('not above the daily limit, which starts anew after 24 hours', async () => {
    fake.set('orgs.acme-uat.limits.max', 2)
    expect((await limits()).headers['sforce-limit-info']).toBe('api-usage=1/2')
    expect((await limits()).json.DailyApiRequests).toEqual({ Max: 2, Remaining: 0 })
    const over = await limits()
    expect([over.status, over.json]).toEqual([403, [{ message: 'TotalRequests Limit exceeded.', errorCode: 'REQUEST_LIMIT_EXCEEDED' }]])
    expect(over.headers['sforce-limit-info']).toBe('api-usage=2/2')
    fake.set('orgs.acme-uat.sessionTimeoutMin', 1440)
    tokens = await connect(fake)
    fake.advance(24 * 3_600_000 - 1)
    expect((await limits()).status).toBe(403)
    fake.advance(1)
    expect((await limits()).status).toBe(200)
  })
})

describe('paths', () => {
  it('list versions without a session, and resources with one', async () => {
    const versions = await send(fake, `${tokens['instance_url']}/services/data/`)
    expect(versions.json.find((one: { version: string }) => one.version === '65.0').label).toBe("Winter '26")
    expect(versions.json.find((one: { version: string }) => one.version === '64.0').label).toBe("Summer '25")
    const map = await data(fake, tokens, '')
    expect(map.json).toMatchObject({ query: '/services/data/v67.0/query', sobjects: '/services/data/v67.0/sobjects' })
    expect(map.json.identity).toBe(tokens['id'])
  })

  it('know which versions exist', async () => {
    const at = async (version: string) =>
      (await send(fake, `${tokens['instance_url']}/services/data/${version}/limits`, { bearer: tokens['access_token'] ?? '' })).status
    expect([await at('v31.0'), await at('v67.0'), await at('v30.0'), await at('v68.0'), await at('v5.0')]).toEqual([
      200, 200, 410, 404, 404,
    ])
  })

  it('collapse leading slashes, unless the knob says otherwise', async () => {
    const url = `${tokens['instance_url']}//services/data/v67.0/limits`
    expect((await send(fake, url, { bearer: tokens['access_token'] ?? '' })).status).toBe(200)
    fake.set('knobs.doubleSlashTolerant', false)
    expect((await send(fake, url, { bearer: tokens['access_token'] ?? '' })).status).toBe(404)
  })

  it('unknown ones are 404, hostile ones no crash', async () => {
    for (const path of [
      '/nothing',
      '/sobjects/Nothing',
      '/sobjects/Account/1/2/3',
      '/tooling/x',
      '/jobs/x',
      '/%ff',
      '/sobjects/__proto__',
      '/constructor',
    ]) {
      const answer = await data(fake, tokens, path)
      expect([path, answer.status, answer.json?.[0]?.errorCode]).toEqual([path, 404, 'NOT_FOUND'])
    }
    expect((await data(fake, tokens, '/limits/%2e%2e')).status).toBe(200)
  })

  it('answer SOAP with the session fault', async () => {
    const answer = await send(fake, `${tokens['instance_url']}/services/Soap/m/67.0`, {
      body: '<x/>',
      headers: { 'content-type': 'text/xml' },
    })
    expect([answer.status, answer.headers['content-type']]).toEqual([500, 'text/xml; charset=utf-8'])
    expect(answer.text).toContain('<faultcode>sf:INVALID_SESSION_ID</faultcode>')
  })
})

describe('the echo for tests of proxies', () => {
  it('tells what arrived, but not the credential', async () => {
    const body = Buffer.alloc(21 * 1024 * 1024, 7)
    const answer = await send(fake, `${tokens['instance_url']}/services/apexrest/echo?a=1&a=2`, {
      method: 'PATCH',
      body,
      bearer: tokens['access_token'] ?? '',
      headers: { 'sforce-call-options': 'client=x' },
    })
    expect(answer.json).toMatchObject({
      method: 'PATCH',
      query: [
        ['a', '1'],
        ['a', '2'],
      ],
      bodyBytes: body.length,
      bodySha256: createHash('sha256').update(body).digest('hex'),
    })
    expect(answer.json.headers['sforce-call-options']).toBe('client=x')
    expect(answer.text).not.toContain(tokens['access_token'])
    expect(fake.log.entries.at(-1)).toMatchObject({
      endpoint: 'apexrest',
      bearer: 'own',
      sforceHeaders: { 'sforce-call-options': 'client=x' },
    })
  })

  it('redirects where it is told', async () => {
    const url = `${tokens['instance_url']}/services/apexrest/redirect?to=https://evil.example/`
    const answer = await send(fake, url, { bearer: tokens['access_token'] ?? '' })
    expect([answer.status, answer.headers.location]).toEqual([302, 'https://evil.example/'])
  })
})
