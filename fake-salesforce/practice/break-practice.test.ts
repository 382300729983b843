import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { FakeSalesforce } from '../fake-salesforce.ts'
import { escapeHtml } from '../pages/layout.ts'
import { startFakeSalesforce } from '../start.ts'
import { askToAuthorize, CALLBACK, connect, data, refresh, send, STOPPED_CLOCK, type Answer, type Flow } from '../testing/browser.ts'
import { breakages } from './break-practice.ts'

const PRACTICE: Flow = { at: 'org:practice', app: 'hawser_practice' }
const CREDENTIALS = { consumerKey: 'practice-key', consumerSecret: 'practice-secret' }
/** What a client keeps: the app's credentials as they were when it was set up. */
const AS_REGISTERED: Flow = { ...PRACTICE, form: { client_id: 'practice-key', client_secret: 'practice-secret' } }

let fake: FakeSalesforce
let tokens: Record<string, string>

beforeEach(async () => {
  fake = await startFakeSalesforce({
    seed: 'practice',
    approval: 'automatic',
    practice: CREDENTIALS,
    callbackUrls: [CALLBACK],
    clock: STOPPED_CLOCK,
  })
  tokens = await connect(fake, PRACTICE)
})

afterEach(() => fake.close())

const breakIt = (kind: string): Promise<Answer> => send(fake, `${fake.controlUrl}/break`, { json: { kind } })
const rows = (): Promise<Answer> => data(fake, tokens, '/query?q=SELECT+Name+FROM+Account')

async function again(): Promise<Answer> {
  const answer = await refresh(fake, tokens['refresh_token'] ?? '', AS_REGISTERED)
  if (answer.status === 200) tokens = answer.json
  return answer
}

describe('the practice org', () => {
  it('is login host, API host and control API on one port of localhost', async () => {
    const origin = `http://localhost:${fake.port}`
    expect(tokens['instance_url']).toBe(origin)
    expect(tokens['id']).toMatch(new RegExp(`^${origin}/id/00D\\w{15}/005\\w{15}$`))
    expect(fake.controlUrl).toBe(`${origin}/__/${fake.controlToken}`)
    expect(fake.urls()).toEqual({ 'org:practice': origin })
    expect((await send(fake, `${origin}/__/state`)).status).toBe(401)
    expect((await rows()).json.totalSize).toBe(5)
    expect((await data(fake, tokens, '/query?q=SELECT+COUNT()+FROM+Contact')).json.totalSize).toBe(7)
    expect((await data(fake, tokens, '/query?q=SELECT+IsSandbox,Name+FROM+Organization')).json.records[0]).toMatchObject({
      IsSandbox: true,
      Name: 'Practice',
    })
  })

  it('asks for PKCE and rotates', async () => {
    expect((await askToAuthorize(fake, { ...PRACTICE, query: { code_challenge: null } })).headers.location).toContain(
      'missing%20required%20code%20challenge',
    )
    const first = tokens['refresh_token']
    expect((await again()).json.refresh_token).not.toBe(first)
  })

  it('shows a page that says what it is, unless approval is automatic', async () => {
    const other = await startFakeSalesforce({ seed: 'practice', callbackUrls: [CALLBACK] })
    const page = await askToAuthorize(other, PRACTICE)
    await other.close()
    expect(page.status).toBe(200)
    expect(page.text).toContain('This is Hawser&#39;s practice org, not Salesforce')
    expect(page.text).toMatch(/<button[^>]*value="allow">Allow<.*<button[^>]*value="deny">Deny</s)
    expect(page.text).toContain('<html lang="en">')
  })

  it('says on its first page what it is and how to break it', async () => {
    const { status, text } = await send(fake, `${fake.url('org:practice')}/`)
    expect(status).toBe(200)
    expect(text).toContain('This is Hawser&#39;s practice org, not Salesforce')
    expect(text).toContain('npm run hawser -- practice break &lt;kind&gt;')
    for (const [kind, line] of Object.entries(breakages)) {
      expect(text).toContain(kind)
      expect(text).toContain(escapeHtml(line))
    }
    expect(text).not.toContain('practice-secret')
  })
})

/** What the next call and the next refresh answer after each break, and whether repair alone brings the refresh back. */
const SEEN: Record<Exclude<keyof typeof breakages, 'repair'>, { call: number; refresh: string; afterRepair: number }> = {
  session: { call: 401, refresh: 'ok', afterRepair: 200 },
  rotation: { call: 401, refresh: 'expired access/refresh token', afterRepair: 400 },
  'not-installed': { call: 401, refresh: 'expired access/refresh token', afterRepair: 400 },
  secret: { call: 401, refresh: 'invalid client credentials', afterRepair: 200 },
  'app-deleted': { call: 401, refresh: 'client identifier invalid', afterRepair: 200 },
  'sandbox-refresh': { call: 401, refresh: 'client identifier invalid', afterRepair: 400 },
  'user-inactive': { call: 401, refresh: 'inactive user', afterRepair: 200 },
  ip: { call: 401, refresh: 'ip restricted', afterRepair: 200 },
  limit: { call: 403, refresh: 'ok', afterRepair: 200 },
  outage: { call: 503, refresh: 'unavailable', afterRepair: 200 },
}

describe('every way to break it', () => {
  it.each(Object.entries(SEEN))('%s', async (kind, seen) => {
    const broken = await breakIt(kind)
    expect([broken.status, broken.json.kind, broken.json.means.length > 20]).toEqual([200, kind, true])
    expect((await rows()).status).toBe(seen.call)
    const refreshed = await again()
    expect(refreshed.status === 200 ? 'ok' : (refreshed.json.error_description ?? 'unavailable')).toBe(seen.refresh)
    expect((await breakIt('repair')).status).toBe(200)
    expect((await again()).status).toBe(seen.afterRepair)
    tokens = await connect(fake, AS_REGISTERED)
    expect((await rows()).json.totalSize).toBe(5)
    expect((await again()).status).toBe(200)
  })

  it('is listed with a line of text each', async () => {
    const kinds = (await send(fake, `${fake.controlUrl}/kinds`)).json
    expect(kinds).toEqual(breakages)
    expect(Object.values(breakages).every((line) => line.length > 20 && !line.includes('\n'))).toBe(true)
  })

  it('shows the error page of Salesforce when the app is not installed', async () => {
    await breakIt('not-installed')
    expect((await askToAuthorize(fake, PRACTICE)).headers.location).toContain('error=OAUTH_EC_APP_NOT_FOUND')
  })

  it('may be broken twice in a row', async () => {
    await breakIt('sandbox-refresh')
    expect([(await breakIt('secret')).status, (await breakIt('sandbox-refresh')).status]).toEqual([400, 200])
    await breakIt('repair')
    expect(await connect(fake, AS_REGISTERED)).toHaveProperty('refresh_token')
  })
})
