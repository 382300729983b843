import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { FakeSalesforce } from '../fake-salesforce.ts'
import { startFakeSalesforce } from '../start.ts'
import { connect, refresh, STOPPED_CLOCK } from '../testing/browser.ts'
import { browse } from '../testing/provocation.ts'

const APP = 'apps.hawser_acme_uat'
const USER = '/users/ann@acme.example.uat'
const ELSEWHERE = [{ start: '10.0.0.1', end: '10.0.0.1' }]

let fake: FakeSalesforce

beforeEach(async () => {
  fake = await startFakeSalesforce({ clock: STOPPED_CLOCK })
})

afterEach(() => fake.close())

describe('an app that admits some users only', () => {
  const comesBack = async () => (await browse(fake)).finalUrl?.includes('code=')

  it('admits those with one of its permission sets, or of its profiles', async () => {
    fake.set(`${APP}.policy.permittedUsers`, 'AdminApprovedPreAuthorized')
    fake.set(`${APP}.policy.permissionSets`, ['Sync_Users'])
    expect(await comesBack()).toBe(false)
    fake.set(`${USER}/permissionSets`, ['Other', 'Sync_Users'])
    expect(await comesBack()).toBe(true)
    fake.set(`${APP}.policy.permissionSets`, [])
    expect(await comesBack()).toBe(false)
    fake.set(`${APP}.policy.profiles`, ['System Administrator'])
    expect(await comesBack()).toBe(true)
  })

  it('is refused like a blocked one while it, or its OAuth, is off', async () => {
    const tokens = await connect(fake)
    for (const path of ['enabled', 'oauthEnabled']) {
      fake.set(`${APP}.${path}`, false)
      expect((await browse(fake)).body).toContain('OAUTH_APP_BLOCKED')
      expect((await refresh(fake, tokens['refresh_token'] ?? '')).json.error).toBe('invalid_app_access')
      fake.set(`${APP}.${path}`, true)
    }
    expect(await comesBack()).toBe(true)
  })
})

describe('login ranges', () => {
  it.each([
    ['Enforce', false, false],
    ['Enforce_RelaxRefresh', false, true],
    ['Bypass', true, true],
    ['Bypass_2factor', true, true],
  ])('%s: login %s, refresh %s', async (relaxation, login, refreshing) => {
    const tokens = await connect(fake)
    fake.set(`${APP}.policy.ipRelaxation`, relaxation)
    fake.set(`${USER}/loginIpRanges`, ELSEWHERE)
    expect((await browse(fake)).finalUrl?.includes('code=')).toBe(login)
    expect((await refresh(fake, tokens['refresh_token'] ?? '')).status === 200).toBe(refreshing)
  })
})

describe('the next answer', () => {
  it('is said once each, in the order of asking', async () => {
    const tokens = await connect(fake)
    const again = async () => (await refresh(fake, tokens['refresh_token'] ?? '')).json
    fake.answerNext('token', { error: 'first', description: 'one' })
    fake.answerNext('token', { error: 'second', description: 'two' })
    expect(await again()).toEqual({ error: 'first', error_description: 'one' })
    expect(await again()).toEqual({ error: 'second', error_description: 'two' })
    expect((await again()).access_token).toBeDefined()
  })
})
