import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { FakeSalesforce } from '../fake-salesforce.ts'
import { startFakeSalesforce } from '../start.ts'
import { askToAuthorize, callbackOf, CALLBACK, connect, data, refresh, send, STOPPED_CLOCK, type Answer } from '../testing/browser.ts'

let fake: FakeSalesforce

beforeEach(async () => {
  fake = await startFakeSalesforce({ clock: STOPPED_CLOCK })
})

afterEach(() => fake.close())

const post = (name: string, json: unknown): Promise<Answer> => send(fake, `${fake.controlUrl}/${name}`, { json })
const get = (name: string): Promise<Answer> => send(fake, `${fake.controlUrl}/${name}`)

describe('the control API', () => {
  it('needs its token, in the path or as a bearer', async () => {
    const origin = new URL(fake.controlUrl).origin
    expect((await get('state')).status).toBe(200)
    expect((await send(fake, `${origin}/__/state`, { bearer: fake.controlToken })).status).toBe(200)
    expect((await send(fake, `${origin}/__/state`)).status).toBe(401)
    expect((await send(fake, `${origin}/__/wrong/state`, { bearer: 'wrong' })).status).toBe(401)
  })

  it('tells unknown names, wrong methods and bad bodies apart', async () => {
    expect((await post('nothing', {})).status).toBe(404)
    expect((await get('toString')).status).toBe(404)
    expect((await get('advance')).status).toBe(405)
    expect((await post('state', {})).status).toBe(405)
    expect((await send(fake, `${fake.controlUrl}/advance`, { body: '{' })).status).toBe(400)
    expect((await post('advance', [])).status).toBe(400)
  })

  it('makes an org, a user, an app and rows that work', async () => {
    const org = await post('orgs', { key: 'new-qa', kind: 'sandbox', sessionTimeoutMin: 15, limits: { max: 9 } })
    expect([org.status, org.json.url]).toEqual([200, 'https://new--qa.sandbox.my.salesforce.com'])
    expect((await post('users', { orgKey: 'new-qa', username: 'u@new.example', lastName: 'Neu' })).json.lastName).toBe('Neu')
    const app = {
      orgKey: 'new-qa',
      developerName: 'mine',
      consumerKey: 'k',
      consumerSecret: 's',
      callbackUrls: [CALLBACK],
      flags: { rotation: true },
    }
    expect((await post('apps', app)).json).toMatchObject({
      consumers: [{ key: 'k', secret: 's' }],
      flags: { rotation: true, pkceRequired: true },
    })
    expect((await post('records', { org: 'new-qa', type: 'Account', records: [{ Name: 'A' }] })).json.ids).toHaveLength(1)
    const tokens = await connect(fake, { at: 'org:new-qa', app: 'mine' })
    expect((await data(fake, tokens, '/query?q=SELECT+COUNT()+FROM+Account')).json.totalSize).toBe(1)
    expect((await data(fake, tokens, '/limits')).headers['sforce-limit-info']).toBe('api-usage=2/9')
  })

  it('refuses what cannot be, and leaves nothing behind', async () => {
    const bad: [string, unknown][] = [
      ['orgs', { key: 'BAD' }],
      ['orgs', { key: 'acme' }],
      ['orgs', { key: 'half', kind: 'planet' }],
      ['orgs', { key: 'half', sessionTimeoutMin: 'x' }],
      ['orgs', { key: 'half', nonsense: 1 }],
      ['users', { orgKey: 'nobody', username: 'x' }],
      ['users', { orgKey: 'acme', username: 'half', active: 'yes' }],
      ['apps', { orgKey: 'acme', developerName: 'half', flags: { rotation: 1 } }],
      ['apps', { orgKey: 'acme', developerName: 'half', policy: { rtPolicy: 'Forever' } }],
      ['apps', { orgKey: 'acme', developerName: 'half', consumerKey: 'PlatformCLI' }],
      ['records', { org: 'acme', type: 'Account', records: 'x' }],
      ['records', { org: 'acme', type: '../x', records: [{}] }],
      ['consent', { decision: 'maybe' }],
      ['consent', { decision: 'allow', user: 'nobody' }],
      ['advance', { ms: -1 }],
      ['advance', { ms: '1' }],
      ['sandbox-refresh', { org: 'acme' }],
      ['sandbox-refresh', { org: 'acme-uat', apps: 'some' }],
      ['rotate-secret', { app: 'nobody' }],
      ['break', { kind: 'session' }],
      ['break', { kind: 'nothing' }],
    ]
    for (const [name, body] of bad) expect([name, body, (await post(name, body)).status]).toEqual([name, body, 400])
    const { orgs, users, apps } = (await get('state')).json
    expect([orgs.half, users.half, apps.half]).toEqual([undefined, undefined, undefined])
  })

  it('steers consent, sessions, approvals, time, refreshes, secrets', async () => {
    await post('consent', { decision: 'deny', user: 'ann@acme.example.uat' })
    expect(callbackOf(await askToAuthorize(fake))['error']).toBe('access_denied')
    await post('consent', { decision: 'allow' })
    const tokens = await connect(fake)
    expect((await post('expire-sessions', { org: 'globex-uat' })).json).toEqual({ expired: 0 })
    expect((await post('expire-sessions', {})).json).toEqual({ expired: 1 })
    expect((await data(fake, tokens, '/limits')).status).toBe(401)
    expect((await post('advance', { ms: 1000 })).json).toEqual({ now: STOPPED_CLOCK.now() + 1000 })
    const { secret } = (await post('rotate-secret', { app: 'hawser_acme_uat' })).json
    expect((await refresh(fake, tokens['refresh_token'] ?? '', { form: { client_secret: secret } })).status).toBe(200)
    const staged = (await post('stage-consumer', { app: 'hawser_acme_uat' })).json
    expect((await post('promote-consumer', { app: 'hawser_acme_uat' })).status).toBe(200)
    expect(fake.state.apps.get('hawser_acme_uat')?.consumers.find((one) => one.key === staged.key)?.state).toBe('Active')
    expect((await post('revoke-user', { user: 'ann@acme.example.uat' })).json).toEqual({ revoked: 1 })
    expect((await post('sandbox-refresh', { org: 'acme-uat', copyMs: 5 })).json.newOrgId).toBe(fake.state.orgs.get('acme-uat')?.orgId)
  })

  it('shows the log and the state, never a token', async () => {
    const tokens = await connect(fake)
    const shown = [await get('state'), await get('log'), await get('kinds')]
    expect(shown.map((answer) => answer.status)).toEqual([200, 200, 200])
    for (const answer of shown) {
      expect(answer.text).not.toContain(tokens['access_token'])
      expect(answer.text).not.toContain(tokens['refresh_token'])
    }
    expect(shown[0]?.json).toMatchObject({ sessions: 1, grants: [{ username: 'ann@acme.example.uat' }], rows: { acme: { Account: 3 } } })
    expect(shown[1]?.json.counts).toMatchObject({ authorize: 1 })
    await send(fake, `${fake.controlUrl}/log`, { method: 'DELETE' })
    expect((await get('log')).json.entries).toEqual([])
  })
})

describe('set', () => {
  it('changes values by dotted or slashed paths', async () => {
    expect((await post('set', { path: 'knobs.latencyMs', value: 0 })).status).toBe(200)
    await post('set', { path: '/users/ann@acme.example.uat/active', value: false })
    expect(fake.state.users.get('ann@acme.example.uat')?.active).toBe(false)
    await post('set', { path: 'apps.hawser_acme_uat.policy.sessionTimeoutMin', value: 30 })
    await post('set', { path: 'browser.orgKey', value: 'acme' })
    await post('set', { path: 'browser.orgKey', value: null })
    expect([fake.state.apps.get('hawser_acme_uat')?.policy.sessionTimeoutMin, fake.state.browser.orgKey]).toEqual([30, null])
  })

  it.each([
    ['knobs', 1],
    ['knobs.nothing', 1],
    ['knobs.latencyMs', '1'],
    ['knobs.latencyMs', -1],
    ['knobs.latencyMs', null],
    ['knobs.faultsApplyTo', 'some'],
    ['orgs.acme', {}],
    ['orgs.acme.key', 'x'],
    ['orgs.nobody.locked', true],
    ['orgs.acme.limits', {}],
    ['orgs.acme.__proto__.x', 1],
    ['users.__proto__.x', true],
    ['apps.hawser_acme.callbackUrls', 'x'],
    ['apps.hawser_acme.callbackUrls', [1]],
    ['apps.hawser_acme.consumers', []],
    ['apps.hawser_acme.tokenIpRanges', [{ start: 'x', end: 'y' }]],
    ['apps.hawser_acme.policy.sessionTimeoutMin', 'x'],
    ['', 1],
    ['state.x', 1],
  ])('refuses %s = %j', async (path, value) => {
    expect((await post('set', { path, value })).status).toBe(400)
  })
})
