import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { PASSWORD, startPeopleRig, tokenOf, type Rig } from './people-rig.ts'

let rig: Rig
beforeAll(async () => {
  rig = await startPeopleRig()
})
afterAll(() => rig?.close())

const credentials = { email: 'owner@example.com', password: PASSWORD }

describe('the first owner', () => {
  it('comes in by the link of the start, once, and by nothing else', async () => {
    const ways = await rig.browser().get('/accounts/ways')
    expect(ways.body).toEqual({ data: { has_owner: false, password: true, sso: null } })
    const url = (await rig.people.firstOwnerLink())!
    expect(url).toMatch(/^http:\/\/localhost:3003\/dashboard\/welcome#[A-Za-z0-9_-]{43}$/)
    const token = tokenOf(url)
    const stranger = rig.browser()
    const welcome = { token, email: 'Owner@Example.com', name: 'Olga Owner', password: PASSWORD }
    expect((await stranger.post('/accounts/welcome', { ...welcome, token: 'a'.repeat(43) })).code).toBe('unknown_link')
    expect((await stranger.post('/accounts/welcome', { ...welcome, password: 'password123' })).code).toBe('weak_password')
    expect((await stranger.post('/accounts/link', { token })).body.data).toMatchObject({ kind: 'owner', email: null })
    expect((await stranger.post('/accounts/accept-invitation', { token, name: 'x', password: PASSWORD })).code).toBe('unknown_link')
    const browser = rig.browser()
    const answer = await browser.post('/accounts/welcome', welcome)
    expect([answer.status, answer.body]).toEqual([200, { data: { signed_in: true, second_factor: false } }])
    expect((await stranger.post('/accounts/welcome', welcome)).code).toBe('unknown_link')
    const me = (await browser.get('/people/me')).body.data
    expect(me).toMatchObject({ email: 'owner@example.com', name: 'Olga Owner', owner: true, second_factor: false, ways: ['password'] })
    expect(me.environments.map(({ name, role }: { name: string; role: string }) => [name, role])).toEqual([
      ['dev', 'owner'],
      ['prod', 'owner'],
    ])
    expect(await rig.people.firstOwnerLink()).toBeUndefined()
    expect(rig.entries.map(({ action }) => action)).toContain('person.owner_link')
  })

  it('is made once by two who hold the link at the same moment', async () => {
    const other = await startPeopleRig()
    const token = tokenOf((await other.people.firstOwnerLink())!)
    const answers = await Promise.all(
      ['a', 'b'].map((name) =>
        other.browser().post('/accounts/welcome', { token, email: `${name}@example.com`, name, password: PASSWORD }),
      ),
    )
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 404])
    await other.close()
  })

  it('15. gets a cookie that scripts cannot read and that other pages do not send', async () => {
    const answer = await rig.browser().post('/accounts/sign-in', credentials)
    const cookies = [answer.headers['set-cookie']].flat() as string[]
    expect(cookies).toHaveLength(1)
    expect(cookies[0]).toMatch(/^hawser_session=[^;]+; Max-Age=604800; Path=\/; HttpOnly; SameSite=Lax$/)
    const secure = await startPeopleRig({ HAWSER_PUBLIC_URL: 'https://hawser.example.com' })
    const token = tokenOf((await secure.people.firstOwnerLink())!)
    const welcome = { token, email: 'o@example.com', name: 'o', password: PASSWORD }
    const onHttps = await secure.browser().post('/accounts/welcome', welcome)
    expect(String(onHttps.headers['set-cookie'])).toMatch(
      /^__Host-hawser_session=[^;]+; Max-Age=604800; Path=\/; HttpOnly; Secure; SameSite=Lax$/,
    )
    await secure.close()
  })
})

describe('a sign-in', () => {
  it('tells nobody which addresses have an account', async () => {
    const browser = rig.browser('198.51.100.1')
    const wrong = await browser.post('/accounts/sign-in', { ...credentials, password: 'wrong wrong wrong' })
    const unknown = await browser.post('/accounts/sign-in', { email: 'nobody@example.com', password: 'wrong wrong wrong' })
    expect(wrong.status).toBe(401)
    expect(unknown.body).toEqual(wrong.body)
    expect(Object.keys(unknown.headers).sort()).toEqual(Object.keys(wrong.headers).sort())
    expect([...browser.cookies]).toEqual([])
  })

  it('hashes as often for an unknown address', async () => {
    // The time is the hash’s; how long that takes on a busy machine would prove nothing.
    const browser = rig.browser('198.51.100.2')
    const cpu = async (email: string) => {
      const before = process.cpuUsage().user
      await browser.post('/accounts/sign-in', { email, password: 'wrong wrong wrong' })
      return process.cpuUsage(undefined).user - before
    }
    expect(Math.min(await cpu('owner@example.com'), await cpu('nobody-2@example.com'))).toBeGreaterThan(15_000)
  })

  it('14. is refused after ten wrong passwords from an address, also when many come at once', async () => {
    const browser = rig.browser('198.51.100.3')
    const tries = await Promise.all(
      Array.from({ length: 12 }, (_, n) => browser.post('/accounts/sign-in', { ...credentials, password: `wrong wrong ${n}` })),
    )
    expect(tries.filter(({ status }) => status === 401)).toHaveLength(10)
    expect(tries.filter(({ code, headers }) => code === 'too_many_request' && Number(headers['retry-after']) > 0)).toHaveLength(2)
    expect((await rig.browser('198.51.100.3').post('/accounts/sign-in', credentials)).code).toBe('too_many_request')
    // The person herself, from elsewhere, and later from there.
    expect((await rig.browser('198.51.100.4').post('/accounts/sign-in', credentials)).status).toBe(200)
    rig.clock.advance(15 * 60_000)
    expect((await rig.browser('198.51.100.3').post('/accounts/sign-in', credentials)).status).toBe(200)
  })

  it('34. leaves a row, of failures one for each account and address, and no secret in logs and rows', async () => {
    const failed = rig.entries.filter(({ action }) => action === 'person.sign_in_failed')
    expect(failed.length).toBeGreaterThan(2)
    expect(failed.length).toBeLessThan(8)
    expect(rig.entries.filter(({ action }) => action === 'person.signed_in').at(-1)).toMatchObject({
      actor: { kind: 'person', id: expect.any(String) },
      subject: { way: 'password' },
    })
    const text = rig.logged() + JSON.stringify(rig.entries)
    for (const secret of [PASSWORD, 'wrong wrong', 'nobody@example.com', 'owner@example.com']) expect(text).not.toContain(secret)
  })

  it('begins a new session whatever the browser had (fixation), and ends the one it had', async () => {
    const browser = rig.browser()
    browser.cookies.set('hawser_session', `${'A'.repeat(32)}.${'a'.repeat(43)}%3D`)
    await browser.post('/accounts/sign-in', credentials)
    const first = browser.cookies.get('hawser_session')!
    expect(first).not.toContain('AAAA')
    await browser.post('/accounts/sign-in', credentials)
    const second = browser.cookies.get('hawser_session')!
    expect(second).not.toBe(first)
    expect((await browser.get('/people/me')).status).toBe(200)
    browser.cookies.set('hawser_session', first)
    expect((await browser.get('/people/me')).code).toBe('not_signed_in')
  })

  it('6. stores neither the session’s token nor the password', async () => {
    const browser = rig.browser()
    await browser.post('/accounts/sign-in', credentials)
    const token = decodeURIComponent(browser.cookies.get('hawser_session')!).split('.')[0]!
    const { rows } = await sql<{ text: string }>`
      select (select json_agg(s) from person_session s)::text || (select json_agg(w) from person_way w)::text as text`.execute(
      rig.store.db.kysely,
    )
    expect(rows[0]!.text).toContain('token_hash')
    expect(rows[0]!.text).not.toContain(token)
    expect(rows[0]!.text).not.toContain(PASSWORD)
  })
})

describe('a session', () => {
  it('ends with the sign-out, here at once and on another node within a second', async () => {
    const browser = rig.browser()
    await browser.post('/accounts/sign-in', credentials)
    const other = (await rig.anotherNode()).browser()
    other.cookies.set('hawser_session', browser.cookies.get('hawser_session')!)
    expect((await other.get('/people/me')).status).toBe(200)
    const stolen = browser.cookies.get('hawser_session')!
    expect((await browser.post('/accounts/sign-out')).status).toBe(200)
    expect(browser.cookies.has('hawser_session')).toBe(false)
    const thief = rig.browser()
    thief.cookies.set('hawser_session', stolen)
    expect((await thief.get('/people/me')).code).toBe('not_signed_in')
    await expect.poll(async () => (await other.get('/people/me')).code, { timeout: 1000 }).toBe('not_signed_in')
  })

  it('ends after seven days', async () => {
    const browser = rig.browser()
    await browser.post('/accounts/sign-in', credentials)
    rig.clock.advance(7 * 86_400_000 - 60_000)
    expect((await browser.get('/people/me')).status).toBe(200)
    rig.clock.advance(61_000)
    expect((await browser.get('/people/me')).code).toBe('not_signed_in')
  })

  it('that was stolen ends when the password changes, the person’s own goes on', async () => {
    const [browser, thief] = [rig.browser(), rig.browser()]
    for (const one of [browser, thief]) await one.post('/accounts/sign-in', credentials)
    const change = { current_password: PASSWORD, new_password: 'lantern gravel piano' }
    expect((await browser.post('/accounts/change-password', { ...change, current_password: 'wrong wrong' })).code).toBe('wrong_sign_in')
    expect((await browser.post('/accounts/change-password', { ...change, new_password: 'owner@example.com' })).code).toBe('weak_password')
    expect((await browser.post('/accounts/change-password', change)).status).toBe(200)
    expect((await thief.get('/people/me')).code).toBe('not_signed_in')
    expect((await browser.get('/people/me')).status).toBe(200)
    expect((await rig.browser().post('/accounts/sign-in', credentials)).code).toBe('wrong_sign_in')
    const back = { current_password: change.new_password, new_password: PASSWORD }
    expect((await browser.post('/accounts/change-password', back)).status).toBe(200)
  })

  it('is listed, and ended one by one or all together', async () => {
    const [browser, other] = [rig.browser(), rig.browser()]
    for (const one of [browser, other]) await one.post('/accounts/sign-in', credentials)
    const listed = (await browser.get('/people/me/sessions')).body.data as { id: string; current: boolean; address: string }[]
    expect(listed.filter(({ current }) => current)).toHaveLength(1)
    expect(listed[0]).toMatchObject({ address: '203.0.113.7', user_agent: 'A browser', way: 'password' })
    const { session_id: id } = (await other.get('/people/me')).body.data
    expect((await browser.send('DELETE', `/people/me/sessions/${id}`)).status).toBe(200)
    expect((await other.get('/people/me')).code).toBe('not_signed_in')
    expect((await browser.send('DELETE', `/people/me/sessions/${id}`)).code).toBe('not_found')
    expect((await browser.send('DELETE', '/people/me/sessions')).status).toBe(200)
    expect((await browser.get('/people/me')).code).toBe('not_signed_in')
  })

  it.each(['', 'x', '%', `${'A'.repeat(32)}.${'a'.repeat(43)}%3D`, 'a.b.c'])(
    'is not made by the cookie %j, which costs no statement',
    async (value) => {
      const browser = rig.browser()
      browser.cookies.set('hawser_session', value)
      const before = rig.store.db.statements
      expect((await browser.get('/people/me')).code).toBe('not_signed_in')
      expect(rig.store.db.statements).toBe(before)
    },
  )
})
