import { beforeEach, describe, expect, it } from 'vitest'
import { createFakeBrowser, denial, HOST, success, TOKEN, watchPromise, type Answer, type FakeBrowser } from './fake-browser-for-tests.ts'
import { Hawser } from './hawser.ts'

const RETURN_URL = 'https://app.example.com/settings?tab=crm'

let fake: FakeBrowser
let hawser: Hawser
let left: string[]
beforeEach(() => {
  fake = createFakeBrowser()
  fake.session.return_url = RETURN_URL
  hawser = new Hawser({ host: HOST, connectSessionToken: TOKEN }, fake.browser)
  left = []
  fake.location.assign = (url) => void left.push(url)
})

/** The page that is loaded when the person comes back. */
async function back(query = '') {
  fake.location.href = `https://app.example.com/settings?tab=crm${query}`
  const seen = watchPromise(new Hawser({ host: HOST }, fake.browser).resultOfRedirect())
  await fake.run(50)
  return seen
}

async function leave(): Promise<void> {
  void hawser.redirect('sf', { params: { hostname: 'acme' } })
  await fake.run(50)
}

describe('redirect()', () => {
  it('leaves for the provider in this window', async () => {
    const seen = watchPromise(hawser.redirect('sf', { params: { hostname: 'acme' }, returnTo: '/settings?tab=crm' }))
    await fake.run(50)
    expect(left).toEqual([`${HOST}/oauth/connect/sf?connect_session_token=${TOKEN}&mode=redirect&params%5Bhostname%5D=acme`])
    expect(seen.ends).toBe(0)
    expect(fake.popups).toEqual([])
  })

  it.each([
    ['the session has no return_url', () => delete fake.session.return_url, {}, 'return_url_missing'],
    ['the person should come back elsewhere', () => {}, { returnTo: 'https://evil.example/' }, 'return_url_not_allowed'],
    ['the session is for others', () => (fake.session.allowed_integrations = ['x']), {}, 'integration_not_allowed'],
    ['the server is away', () => (fake.knobs.answer = () => 'unreachable'), {}, 'network_error'],
    ['nobody wants it any more', () => {}, { signal: AbortSignal.abort(Object.assign(new Error('x'), { code: 'mine' })) }, 'mine'],
  ])('stays where it is if %s', async (_name, prepare, options, code) => {
    prepare()
    const seen = watchPromise(hawser.redirect('sf', options))
    await fake.run(50)
    expect(seen.error).toMatchObject({ code })
    expect(left).toEqual([])
    expect(fake.storage.size).toBe(0)
  })
})

describe('resultOfRedirect()', () => {
  it('gives the connection, takes the mark out of the address, and forgets the rest', async () => {
    await leave()
    fake.session.result = success()
    const seen = await back('&hawser_result=success')
    expect(seen.value).toEqual({ providerConfigKey: 'sf', connectionId: 'c-1', isPending: false })
    expect(fake.location.href).toBe(RETURN_URL)
    expect(fake.storage.size).toBe(0)
    expect((await back()).value).toBeUndefined()
  })

  it('believes the session, not the mark', async () => {
    await leave()
    fake.session.result = denial
    expect((await back('&hawser_result=success')).error).toMatchObject({ code: 'callback_err', diagnosis: { code: 'access-denied' } })
  })

  it('is undefined for who comes by, and for who comes back by the back button', async () => {
    expect(await back('&hawser_result=success')).toMatchObject({ ends: 1, value: undefined })
    expect(fake.asked).toEqual([])
    fake.session.result = denial
    await leave()
    expect(await back()).toMatchObject({ ends: 1, value: undefined })
    fake.session.result = success()
    expect((await back('&hawser_result=success')).value?.connectionId).toBe('c-1')
  })

  it('says that the session is over only to who comes from the sign-in', async () => {
    await leave()
    const { answer } = fake.knobs
    const over = (): Answer => ({ status: 401, body: { error: { code: 'unknown_connect_session_token', message: 'Over.' } } })
    fake.knobs.answer = over
    expect((await back('&hawser_result=error')).error).toMatchObject({ code: 'session_expired' })
    fake.knobs.answer = answer
    await leave()
    fake.knobs.answer = over
    expect(await back()).toMatchObject({ ends: 1, value: undefined })
    expect(fake.storage.size).toBe(0)
  })

  it('can be asked again after a broken line', async () => {
    await leave()
    const { answer } = fake.knobs
    fake.knobs.answer = () => 'unreachable'
    expect((await back('&hawser_result=success')).error).toMatchObject({ code: 'network_error' })
    fake.knobs.answer = answer
    fake.session.result = success()
    expect((await back()).value?.connectionId).toBe('c-1')
  })

  it('bears a forged note', async () => {
    for (const note of ['{', 'null', '{}', '{"host":"https://evil.example","token":"t"}']) {
      fake.storage.set('hawser-redirect', note)
      expect(await back('&hawser_result=success')).toMatchObject({ ends: 1, value: undefined })
    }
    expect(fake.asked).toEqual([])
  })
})
