/** Line 15: what other sites and other hosts of the same domain can make a browser send, and what the cookies allow. */
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Role } from '@hawser/api/roles.ts'
import { scopesOfRole } from '@hawser/api/roles.ts'
import type { Route } from '@hawser/api/route.ts'
import { peopleRoutes, routes } from '@hawser/api/routes.ts'
import { codeOf, ORIGIN, PASSWORD, startPeopleRig, tokenOf, type Answer, type Browser, type Rig } from './people-rig.ts'

const all = [...routes, ...peopleRoutes] as readonly Route[]
const forPeople = all.filter(({ access }) => access.key || access.person)
const pathOf = (route: Route) => route.path.replaceAll(/:[A-Za-z]+\*?/g, '018f0000-0000-7000-8000-000000000000')
const named = (list: readonly Route[]) => list.map((route) => [route.name, route] as const)

let rig: Rig
let owner: Browser
beforeAll(async () => {
  rig = await startPeopleRig()
  owner = await rig.owner()
})
afterAll(() => rig?.close())

describe('15. CSRF by the cookie of a session', () => {
  it.each(named(forPeople))('%s is refused to another site, whatever it sends', async (_name, route) => {
    const sent: [string, Record<string, string | undefined>][] = [
      ['cross-site', { 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' }],
      ['a neighbour', { 'sec-fetch-site': 'same-site', origin: 'http://evil.localhost:3003' }],
      ['an old browser', { 'sec-fetch-site': undefined, origin: 'https://evil.example' }],
    ]
    for (const [who, headers] of sent) {
      const answer = await owner.send(route.method, pathOf(route), undefined, headers)
      expect([who, answer.status, answer.code]).toEqual([who, 403, 'foreign_page'])
    }
  })

  it.each(named(all.filter(({ access, method }) => (access.key || access.person || access.page) && method !== 'GET')))(
    '%s takes no form: neither without the header nor with a body that a form can send',
    async (_name, route) => {
      for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x', undefined]) {
        const form = { 'content-type': type, 'hawser-environment': undefined }
        expect((await owner.send(route.method, pathOf(route), { a: 1 }, form)).code).toBe('foreign_page')
        if (!route.body) continue
        const answer = await owner.send(route.method, pathOf(route), { a: 1 }, { 'content-type': type })
        expect([answer.code, answer.status]).toEqual(['invalid_content_type', 415])
      }
    },
  )

  it('a GET changes nothing about people', async () => {
    const state = async () =>
      (
        await sql<{ state: string }>`
          select jsonb_build_object('p', (select jsonb_agg(p) from person p), 'w', (select jsonb_agg(w) from person_way w),
            's', (select jsonb_agg(s) from person_session s), 'm', (select jsonb_agg(m) from member m), 'l', (select jsonb_agg(l) from person_link l),
            'f', (select jsonb_agg(f) from second_factor f), 'c', (select jsonb_agg(c) from person_challenge c), 'e', (select jsonb_agg(e) from environment e))::text as state`.execute(
          rig.store.db.kysely,
        )
      ).rows[0]!.state
    const before = await state()
    const entries = rig.entries.length
    for (const route of (peopleRoutes as readonly Route[]).filter(({ method }) => method === 'GET')) {
      const answer = await owner.get(pathOf(route))
      expect([route.name, answer.status]).toEqual([route.name, 200])
      expect([route.name, answer.headers['set-cookie']]).toEqual([route.name, undefined])
    }
    expect(await state()).toBe(before)
    expect(rig.entries).toHaveLength(entries)
  })
})

describe('15. the cookie of a session', () => {
  const ATTRIBUTES = /^__Host-hawser_session=[^;]+; Max-Age=604800; Path=\/; HttpOnly; Secure; SameSite=Lax$/
  let secure: Rig
  let browser: Browser
  beforeAll(async () => {
    secure = await startPeopleRig({ HAWSER_PUBLIC_URL: 'https://hawser.example.com' })
    browser = secure.browser()
  })
  afterAll(() => secure?.close())

  const cookiesOf = ({ headers }: Answer): string[] => [headers['set-cookie'] ?? []].flat() as string[]

  it('is HttpOnly, Secure, SameSite and of this host alone, however one signs in', async () => {
    const token = tokenOf((await secure.people.firstOwnerLink())!)
    const answers: Record<string, Answer> = {}
    answers['welcome'] = await browser.post('/accounts/welcome', { token, email: 'o@example.com', name: 'o', password: PASSWORD })
    answers['change'] = await browser.post('/accounts/change-password', {
      current_password: PASSWORD,
      new_password: 'lantern gravel piano',
    })
    const credentials = { email: 'o@example.com', password: 'lantern gravel piano' }
    answers['sign-in'] = await secure.browser().post('/accounts/sign-in', credentials)
    const { secret } = (await browser.post('/accounts/second-factor/begin', { password: credentials.password })).body.data
    const now = Date.now()
    answers['finish'] = await browser.post('/accounts/second-factor/finish', { code: codeOf(secret, now - 30_000) })
    const other = secure.browser()
    const begun = await other.post('/accounts/sign-in', credentials)
    for (const line of cookiesOf(begun).filter((one) => !one.includes('Max-Age=0')))
      expect(line).toMatch(/^hawser_second_factor=[^;]*;.*Path=\/accounts; HttpOnly; Secure; SameSite=Lax$/)
    answers['second factor'] = await other.post('/accounts/second-factor', { code: codeOf(secret, now) })
    for (const [name, answer] of Object.entries(answers)) {
      expect([name, answer.status, answer.code]).toEqual([name, 200, undefined])
      const sessions = cookiesOf(answer).filter((line) => line.includes('hawser_session='))
      expect([name, sessions.length]).toEqual([name, 1])
      expect(sessions[0]).toMatch(ATTRIBUTES)
      for (const line of cookiesOf(answer)) expect(line).toMatch(/; HttpOnly; Secure; SameSite=Lax$/)
    }
    expect((await other.get('/people/me')).status).toBe(200)
    const out = cookiesOf(await other.post('/accounts/sign-out'))
    expect(out.some((line) => /^__Host-hawser_session=; Max-Age=0; Path=\/; HttpOnly; Secure; SameSite=Lax$/.test(line))).toBe(true)
  })

  it('is not read under the name that another host of the domain can set', async () => {
    const value = browser.cookies.get('__Host-hawser_session')!
    const tossed = secure.browser()
    tossed.cookies.set('hawser_session', value)
    expect((await tossed.get('/people/me')).code).toBe('not_signed_in')
    tossed.cookies.set('__Host-hawser_session', value)
    expect((await tossed.get('/people/me')).status).toBe(200)
  })

  it('is in no answer’s body', async () => {
    const signedIn = rig.browser()
    const answer = await signedIn.post('/accounts/sign-in', { email: 'owner@example.com', password: PASSWORD })
    const [token] = decodeURIComponent(signedIn.cookies.get('hawser_session')!).split('.')
    const bodies = [answer, await signedIn.get('/people/me'), await signedIn.get('/people/me/sessions')].map(({ body }) =>
      JSON.stringify(body),
    )
    for (const body of bodies) expect(body).not.toContain(token)
  })
})

describe('15. roles of single environments', () => {
  const given: { environment: string; role: Role }[] = [
    { environment: 'dev', role: 'developer' },
    { environment: 'prod', role: 'viewer' },
  ]
  let mixed: Browser
  let narrow: Browser
  beforeAll(async () => {
    mixed = await rig.joined('mixed@example.com', given)
    narrow = await rig.joined('narrow@example.com', [{ environment: 'dev', role: 'support' }])
  })

  it.each(named(forPeople.filter(({ access }) => access.key)))('hold for %s in that environment only', async (_name, route) => {
    const wanted = route.access.key!
    const outcome = async (browser: Browser, environment: string) => {
      const answer = await browser.send(route.method, pathOf(route), undefined, {
        'hawser-environment': environment,
        'hawser-reveal': 'true',
      })
      return answer.code === 'forbidden' || answer.code === 'not_found' ? answer.code : 'admitted'
    }
    for (const { environment, role } of given) {
      const may = wanted.length === 0 || wanted.some((scope) => (scopesOfRole[role] as readonly string[]).includes(scope))
      expect([environment, await outcome(mixed, environment)]).toEqual([environment, may ? 'admitted' : 'forbidden'])
    }
    for (const environment of ['prod', 'nowhere', 'DEV', 'dev, prod', '*', "dev' or '1'='1"])
      expect([environment, await outcome(narrow, environment)]).toEqual([environment, 'not_found'])
  })

  it('name in every answer the environment that was asked for', async () => {
    for (const { environment, role } of given) {
      const { principal } = (await mixed.get('/connections', { 'hawser-environment': environment })).body
      expect(principal).toMatchObject({ environmentName: environment, role })
    }
    expect((await mixed.get('/people/me', { 'hawser-environment': 'nowhere' })).code).toBe('not_found')
    expect((await mixed.get('/people', { origin: ORIGIN })).code).toBe('forbidden')
  })
})
