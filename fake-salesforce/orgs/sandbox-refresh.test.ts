import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { FakeSalesforce } from '../fake-salesforce.ts'
import { startFakeSalesforce } from '../start.ts'
import { askToAuthorize, CALLBACK, connect, data, refresh, STOPPED_CLOCK } from '../testing/browser.ts'

let fake: FakeSalesforce
let tokens: Record<string, string>

beforeEach(async () => {
  fake = await startFakeSalesforce({ clock: STOPPED_CLOCK })
  tokens = await connect(fake)
})

afterEach(() => fake.close())

const again = () => refresh(fake, tokens['refresh_token'] ?? '')

describe('a sandbox refresh', () => {
  it('keeps the host, changes the org id, and ends everything', async () => {
    fake.set('knobs.pageSize', 2)
    const { nextRecordsUrl } = (await data(fake, tokens, '/query?q=SELECT+Id+FROM+Account')).json
    const app = fake.state.apps.get('hawser_acme_uat')
    const { oldOrgId, newOrgId } = fake.sandboxRefresh('acme-uat')
    expect(newOrgId).not.toBe(oldOrgId)
    expect((await data(fake, tokens, '/limits')).json[0].errorCode).toBe('INVALID_SESSION_ID')
    expect((await askToAuthorize(fake, { query: { client_id: app?.consumers[0]?.key ?? '' }, app: 'hawser_globex_uat' })).text).toContain(
      'invalid_client_id',
    )
    fake.addApp({
      orgKey: 'acme-uat',
      developerName: 'hawser_acme_uat',
      consumerKey: app?.consumers[0]?.key ?? '',
      callbackUrls: [CALLBACK],
    })
    expect((await again()).json.error_description).toBe('expired access/refresh token')
    const fresh = await connect(fake)
    expect(fresh['instance_url']).toBe(tokens['instance_url'])
    expect([fresh['access_token']?.slice(0, 15), fresh['id']?.includes(newOrgId)]).toEqual([newOrgId.slice(0, 15), true])
    expect((await data(fake, fresh, nextRecordsUrl.replace('/services/data/v67.0', ''))).json[0].errorCode).toBe('INVALID_QUERY_LOCATOR')
  })

  it('brings the users and rows of the source org', async () => {
    fake.addUser({ orgKey: 'acme', username: 'new@acme.example' })
    fake.addUser({ orgKey: 'acme-uat', username: 'only-here@acme.example' })
    fake.addRecords('acme', 'Account', [{ Name: 'From production' }])
    fake.sandboxRefresh('acme-uat')
    const users = [...fake.state.users.values()].filter((user) => user.orgKey === 'acme-uat')
    expect(users.map((user) => [user.username, user.email])).toEqual([
      ['ann@acme.example.uat', 'ann@acme.example.invalid'],
      ['new@acme.example.uat', 'new@acme.example.invalid'],
    ])
    expect(users[0]?.id).toBe(fake.state.users.get('ann@acme.example')?.id)
    expect(
      fake.state.rows
        .get('acme-uat')
        ?.get('Account')
        ?.map((row) => row['Name']),
    ).toContain('From production')
  })

  it('may bring the apps of the source org with their keys, or keep its own', async () => {
    fake.sandboxRefresh('acme-uat', { apps: 'keep' })
    expect((await again()).json.error_description).toBe('expired access/refresh token')
    fake.sandboxRefresh('acme-uat', { apps: 'copy-from-source' })
    const copy = fake.state.apps.get('hawser_acme.acme-uat')
    expect(copy?.consumers[0]?.key).toBe(fake.state.apps.get('hawser_acme')?.consumers[0]?.key)
    expect(await connect(fake, { app: 'hawser_acme.acme-uat' })).toHaveProperty('refresh_token')
    expect(await connect(fake, { app: 'hawser_acme', at: 'org:acme' })).toHaveProperty('refresh_token')
  })

  it('answers 503 while the copy runs', async () => {
    fake.sandboxRefresh('acme-uat', { apps: 'keep', copyMs: 60_000, instanceName: 'CS99' })
    const during = await again()
    expect([during.status, during.headers['content-type']]).toEqual([503, 'text/html; charset=UTF-8'])
    fake.advance(60_000)
    expect((await again()).status).toBe(400)
    const soql = '/query?q=SELECT+InstanceName+FROM+Organization'
    expect((await data(fake, await connect(fake), soql)).json.records[0].InstanceName).toBe('CS99')
  })

  it('is for sandboxes only', () => {
    expect(() => fake.sandboxRefresh('acme')).toThrow('no sandbox')
    expect(() => fake.sandboxRefresh('nobody')).toThrow('no org')
  })
})
