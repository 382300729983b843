import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { codeOf, PASSWORD, startPeopleRig, type Browser, type Rig } from './people-rig.ts'

const credentials = { email: 'owner@example.com', password: PASSWORD }
let rig: Rig
let owner: Browser
let secret: string
let recovery: string[]
/** Codes change with time, which stands still here but for these steps. */
let at = Date.parse('2027-03-01T12:00:00Z')
const nextCode = () => {
  at += 30_000
  vi.setSystemTime(at)
  return codeOf(secret, at)
}

beforeAll(async () => {
  vi.useFakeTimers({ toFake: ['Date'], now: at })
  rig = await startPeopleRig()
  owner = await rig.owner()
})
afterAll(async () => {
  await rig?.close()
  vi.useRealTimers()
})

async function passwordGiven(): Promise<Browser> {
  const browser = rig.browser()
  const answer = await browser.post('/accounts/sign-in', credentials)
  expect(answer.body).toEqual({ data: { signed_in: false, second_factor: true } })
  expect(browser.cookies.has('hawser_session')).toBe(false)
  return browser
}

describe('a second factor', () => {
  it('is begun with the password, and off until a code was entered', async () => {
    expect((await owner.post('/accounts/second-factor/begin', { password: 'wrong wrong' })).code).toBe('wrong_sign_in')
    const begun = (await owner.post('/accounts/second-factor/begin', { password: PASSWORD })).body.data
    expect(begun.uri).toMatch(/^otpauth:\/\/totp\/Hawser:owner/)
    expect(begun.recovery_codes).toHaveLength(10)
    ;({ secret, recovery_codes: recovery } = begun)
    expect((await rig.browser().post('/accounts/sign-in', credentials)).body.data.signed_in).toBe(true)
    expect((await owner.post('/accounts/second-factor/finish', { code: '000000' })).code).toBe('wrong_code')
  })

  it('is switched on by a code, which ends other sessions', async () => {
    const other = rig.browser()
    await other.post('/accounts/sign-in', credentials)
    expect((await owner.post('/accounts/second-factor/finish', { code: nextCode() })).status).toBe(200)
    expect((await owner.get('/people/me')).body.data.second_factor).toBe(true)
    expect((await other.get('/people/me')).code).toBe('not_signed_in')
    expect((await owner.post('/accounts/second-factor/begin', { password: PASSWORD })).code).toBe('conflict')
  })

  it('6. lies encrypted in the database', async () => {
    const { rows } = await sql<{ text: string }>`select json_agg(f)::text as text from second_factor f`.execute(rig.store.db.kysely)
    for (const plain of [secret, ...recovery]) expect(rows[0]!.text).not.toContain(plain)
  })

  it('opens nothing before it is there', async () => {
    const browser = await passwordGiven()
    expect((await browser.get('/people/me')).code).toBe('not_signed_in')
    expect((await rig.browser().post('/accounts/second-factor', { code: nextCode() })).code).toBe('not_signed_in')
    expect((await browser.post('/accounts/second-factor', { code: nextCode() })).body).toEqual({
      data: { signed_in: true, second_factor: false },
    })
    expect((await browser.get('/people/me')).status).toBe(200)
  })

  it('takes no code twice, not even while it is good', async () => {
    const [first, second] = [await passwordGiven(), await passwordGiven()]
    const code = nextCode()
    const answers = await Promise.all([first, second].map((browser) => browser.post('/accounts/second-factor', { code })))
    expect(answers.map((one) => one.code ?? one.status).sort()).toEqual([200, 'wrong_code'])
    const loser = answers[0]!.status === 200 ? second : first
    expect((await loser.get('/people/me')).code).toBe('not_signed_in')
  })

  it('takes each recovery code once', async () => {
    const [first, second] = [await passwordGiven(), await passwordGiven()]
    expect((await first.post('/accounts/second-factor', { recovery_code: recovery[0] })).status).toBe(200)
    expect((await second.post('/accounts/second-factor', { recovery_code: recovery[0] })).code).toBe('wrong_code')
    expect((await second.post('/accounts/second-factor', { recovery_code: recovery[1] })).status).toBe(200)
  })

  it('is asked for in a confirmation', async () => {
    rig.clock.advance(15 * 60_000)
    expect((await owner.post('/accounts/confirm', { password: PASSWORD })).code).toBe('wrong_code')
    expect((await owner.post('/accounts/confirm', { password: PASSWORD, code: '123456' })).code).toBe('wrong_code')
    const code = nextCode()
    expect((await owner.post('/accounts/confirm', { password: PASSWORD, code })).status).toBe(200)
    expect((await owner.post('/accounts/confirm', { password: PASSWORD, code })).code).toBe('wrong_code')
  })

  it('gets new recovery codes, and the old ones end', async () => {
    const answer = await owner.post('/accounts/second-factor/recovery-codes', { password: PASSWORD })
    expect(answer.body.data.recovery_codes).toHaveLength(10)
    const browser = await passwordGiven()
    expect((await browser.post('/accounts/second-factor', { recovery_code: recovery[5] })).code).toBe('wrong_code')
    recovery = answer.body.data.recovery_codes
  })

  it('14. stops who guesses: five codes for each password that was entered', async () => {
    const browser = await passwordGiven()
    const codes: unknown[] = []
    for (let n = 0; n < 6; n++) codes.push((await browser.post('/accounts/second-factor', { code: `00000${n}` })).code)
    expect(codes.slice(0, 5)).toEqual(Array.from({ length: 5 }, () => 'wrong_code'))
    expect(codes[5]).toBe('not_signed_in')
    // The right one comes too late.
    expect((await browser.post('/accounts/second-factor', { code: nextCode() })).code).toBe('not_signed_in')
  })

  it('ends with the password, by somebody who has confirmed lately', async () => {
    rig.clock.advance(15 * 60_000)
    expect((await owner.post('/accounts/second-factor/end', { password: PASSWORD })).code).toBe('confirm_identity')
    await owner.post('/accounts/confirm', { password: PASSWORD, code: nextCode() })
    expect((await owner.post('/accounts/second-factor/end', { password: PASSWORD })).status).toBe(200)
    expect((await owner.get('/people/me')).body.data.second_factor).toBe(false)
    expect((await rig.browser().post('/accounts/sign-in', credentials)).body.data.signed_in).toBe(true)
  })
})
