/** Ways by which somebody else could become a person, or stay one. */
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { codeOf, PASSWORD, startPeopleRig, tokenOf, type Browser, type Rig } from './people-rig.ts'

const OTHER_PASSWORD = 'lantern gravel piano'
const everywhere = (role: 'owner' | 'developer' | 'viewer') => [{ environment: null, role }]

let rig: Rig
let owner: Browser
/** Printed by an earlier start, and never used. */
let leftOver: string
beforeAll(async () => {
  rig = await startPeopleRig()
  leftOver = (await rig.people.firstOwnerLink())!
  owner = await rig.owner()
})
afterAll(() => rig?.close())

let visitors = 0
/** From an address of its own: links that are no good count against whoever tries them. */
const visitor = (): Browser => rig.browser(`192.0.2.${++visitors}`)
const idOf = async (browser: Browser): Promise<string> => (await browser.get('/people/me')).body.data.id
const confirmed = () => owner.post('/accounts/confirm', { password: PASSWORD })
const invite = async (by: Browser, email: string, role: 'owner' | 'viewer' = 'viewer'): Promise<string> =>
  tokenOf((await by.post('/people/invitations', { email, roles: everywhere(role) })).body.data.url)
const accept = (token: string, browser = visitor()) => browser.post('/accounts/accept-invitation', { token, name: 'x', password: PASSWORD })
const passwordLink = async (by: Browser, personId: string): Promise<string> =>
  tokenOf((await by.post(`/people/${personId}/password-link`)).body.data.url)
const setPassword = (token: string) => visitor().post('/accounts/set-password', { token, password: OTHER_PASSWORD })
const signedIn = async (email: string, password = PASSWORD): Promise<Browser> => {
  const browser = visitor()
  await browser.post('/accounts/sign-in', { email, password })
  return browser
}

describe('15. a link for the first owner', () => {
  it('of an earlier start ends when there is an owner', async () => {
    const welcome = { token: tokenOf(leftOver), email: 'mallory@example.com', name: 'Mallory', password: PASSWORD }
    expect((await visitor().post('/accounts/link', { token: welcome.token })).code).toBe('unknown_link')
    expect((await visitor().post('/accounts/welcome', welcome)).code).toBe('unknown_link')
    expect((await visitor().post('/accounts/welcome', { ...welcome, email: 'owner@example.com' })).code).toBe('unknown_link')
    expect((await owner.get('/people/me')).status).toBe(200)
  })

  it('makes one owner, although two people use two links at the same moment', async () => {
    const fresh = await startPeopleRig()
    const links = [(await fresh.people.firstOwnerLink())!, (await fresh.people.firstOwnerLink())!]
    const answers = await Promise.all(
      links.map((url, at) =>
        fresh
          .browser(`198.51.100.${at}`)
          .post('/accounts/welcome', { token: tokenOf(url), email: `${at}@example.com`, name: 'x', password: PASSWORD }),
      ),
    )
    expect(answers.map((one) => one.code ?? one.status).sort()).toEqual([200, 'unknown_link'])
    await fresh.close()
  })
})

describe('15. an owner who is one no more', () => {
  it.each(['removed', 'made a viewer'])('and was %s leaves no link behind that works', async (how) => {
    const name = how.replaceAll(' ', '-')
    const gone = await rig.joined(`${name}@example.com`, everywhere('owner'))
    const id = await idOf(gone)
    const invited = await invite(gone, `friend-${name}@example.com`, 'owner')
    const link = await passwordLink(gone, await idOf(owner))
    const answer =
      how === 'removed'
        ? await owner.send('DELETE', `/people/${id}`)
        : await owner.send('PATCH', `/people/${id}`, { roles: everywhere('viewer') })
    expect(answer.status).toBe(200)
    for (const token of [invited, link]) expect((await visitor().post('/accounts/link', { token })).code).toBe('unknown_link')
    expect((await accept(invited)).code).toBe('unknown_link')
    expect((await setPassword(link)).code).toBe('unknown_link')
    expect((await owner.get('/people/me')).status).toBe(200)
    expect(JSON.stringify((await owner.get('/people/invitations')).body)).not.toContain(`friend-${name}`)
    // The address is free for somebody who may invite.
    expect((await accept(await invite(owner, `friend-${name}@example.com`))).status).toBe(200)
  })
})

describe('15. after a change of the password', () => {
  it('no link for a new one works any more', async () => {
    const email = 'linked@example.com'
    const browser = await rig.joined(email, everywhere('viewer'))
    const link = await passwordLink(owner, await idOf(browser))
    await browser.post('/accounts/change-password', { current_password: PASSWORD, new_password: 'copper meadow violin' })
    expect((await setPassword(link)).code).toBe('unknown_link')
    expect((await browser.get('/people/me')).status).toBe(200)
  })

  it('a sign-in that began with the old one cannot be ended', async () => {
    const email = 'halfway@example.com'
    const browser = await rig.joined(email, everywhere('viewer'))
    const begun = (await browser.post('/accounts/second-factor/begin', { password: PASSWORD })).body.data
    const now = Date.now()
    expect((await browser.post('/accounts/second-factor/finish', { code: codeOf(begun.secret, now - 30_000) })).status).toBe(200)
    const thief = await signedIn(email)
    expect(thief.cookies.has('hawser_second_factor')).toBe(true)
    const change = { current_password: PASSWORD, new_password: OTHER_PASSWORD }
    expect((await browser.post('/accounts/change-password', change)).status).toBe(200)
    expect((await thief.post('/accounts/second-factor', { code: codeOf(begun.secret, now) })).code).toBe('not_signed_in')
    expect((await thief.post('/accounts/second-factor', { recovery_code: begun.recovery_codes[0] })).code).toBe('not_signed_in')
    expect((await thief.get('/people/me')).code).toBe('not_signed_in')
  })
})

describe('15. a second factor, by many calls at once', () => {
  let email: string
  let begun: { secret: string; recovery_codes: string[] }
  beforeAll(async () => {
    email = 'at-once@example.com'
    const browser = await rig.joined(email, everywhere('viewer'))
    begun = (await browser.post('/accounts/second-factor/begin', { password: PASSWORD })).body.data
    expect((await browser.post('/accounts/second-factor/finish', { code: codeOf(begun.secret, Date.now() - 30_000) })).status).toBe(200)
  })

  it('takes a recovery code once', async () => {
    const browsers = await Promise.all([1, 2, 3, 4].map(() => signedIn(email)))
    const answers = await Promise.all(
      browsers.map((browser) => browser.post('/accounts/second-factor', { recovery_code: begun.recovery_codes[0] })),
    )
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1)
  })

  it('takes five guesses for a password that was entered, not one for each call', async () => {
    const browser = await signedIn(email)
    const cookies = [...browser.cookies]
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, n) => {
        const one = rig.browser(`198.51.100.${n}`)
        for (const [name, value] of cookies) one.cookies.set(name, value)
        return one.post('/accounts/second-factor', { code: String(100_000 + n) })
      }),
    )
    expect(answers.filter(({ code }) => code === 'wrong_code').length).toBeLessThanOrEqual(5)
    expect(answers.every(({ status }) => status !== 200)).toBe(true)
  })

  it('is guessed ten times by whoever has a session and the password', async () => {
    const browser = await rig.joined('guesser@example.com', everywhere('viewer'))
    const made = (await browser.post('/accounts/second-factor/begin', { password: PASSWORD })).body.data
    await browser.post('/accounts/second-factor/finish', { code: codeOf(made.secret, Date.now() - 30_000) })
    const answers = await Promise.all(
      Array.from({ length: 14 }, (_, n) => browser.post('/accounts/confirm', { password: PASSWORD, code: String(200_000 + n) })),
    )
    expect(answers.filter(({ code }) => code === 'wrong_code').length).toBeLessThanOrEqual(10)
    expect(answers.filter(({ code }) => code === 'too_many_request').length).toBeGreaterThanOrEqual(4)
  })
})

describe('15. a browser in which somebody was signed in', () => {
  it.each(['an invitation', 'a link for a new password'])('keeps no second session after %s', async (what) => {
    await confirmed()
    const email = `${what.replaceAll(' ', '-')}@example.com`
    const first = await rig.joined(email, everywhere('viewer'))
    const shared = await signedIn('owner@example.com')
    const before = shared.cookies.get('hawser_session')!
    if (what === 'an invitation') expect((await accept(await invite(owner, `new-${email}`), shared)).status).toBe(200)
    else {
      const token = await passwordLink(owner, await idOf(first))
      expect((await shared.post('/accounts/set-password', { token, password: OTHER_PASSWORD })).status).toBe(200)
    }
    expect((await shared.get('/people/me')).body.data.email).toContain(email)
    shared.cookies.set('hawser_session', before)
    expect((await shared.get('/people/me')).code).toBe('not_signed_in')
  })
})

describe('15. tokens of connections', () => {
  it('end with the roles under which they were made', async () => {
    const browser = await rig.joined('tokens@example.com', everywhere('developer'))
    const { id, session_id: session } = (await browser.get('/people/me')).body.data
    const db = rig.store.db.kysely
    await sql`
      with e as (select id from environment limit 1),
        i as (insert into integration (id, environment_id, unique_key, provider, display_name) select gen_random_uuid(), id, 'k', 'p', 'd' from e returning id, environment_id),
        c as (insert into connection (id, environment_id, integration_id, connection_id) select gen_random_uuid(), environment_id, id, 'c' from i returning id, environment_id)
      insert into connection_token (id, environment_id, connection_id, token_hash, person_session_id, expires_at)
      select gen_random_uuid(), environment_id, id, 'hash', ${session}, hawser_now() + interval '1 hour' from c`.execute(db)
    expect((await owner.send('PATCH', `/people/${id}`, { roles: everywhere('viewer') })).status).toBe(200)
    expect((await sql`select from connection_token`.execute(db)).rows).toEqual([])
  })
})
