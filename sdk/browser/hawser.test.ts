import { beforeEach, describe, expect, it } from 'vitest'
import { createFakeBrowser, denial, HOST, success, TOKEN, watchPromise, type FakeBrowser } from './fake-browser-for-tests.ts'
import { Hawser } from './hawser.ts'

let fake: FakeBrowser
let hawser: Hawser
beforeEach(() => {
  fake = createFakeBrowser()
  hawser = new Hawser({ host: `${HOST}/`, connectSessionToken: TOKEN }, fake.browser)
})

const connected = { providerConfigKey: 'sf', connectionId: 'c-1', isPending: false }
const told = { message_type: 'success', provider_config_key: 'sf', connection_id: 'c-1', is_pending: false }
/** Until the window shows the provider. */
const SENT_MS = 100

describe('the way there', () => {
  it('opens the window before anything else, and sends it on with token, WebSocket and fields', async () => {
    const seen = watchPromise(
      hawser.connect('s f', { params: { hostname: 'a&b' }, user_scope: ['x', 'y'], authorization_params: { a: '1', b: undefined } }),
    )
    expect(fake.popups).toHaveLength(1)
    expect(fake.asked).toHaveLength(0)
    await fake.run(SENT_MS)
    const url = new URL(fake.popups[0]?.shown[0] ?? '')
    expect(url.origin + url.pathname).toBe(`${HOST}/oauth/connect/s%20f`)
    expect(Object.fromEntries(url.searchParams)).toEqual({
      connect_session_token: TOKEN,
      ws_client_id: 'ws-1',
      'params[hostname]': 'a&b',
      'authorization_params[a]': '1',
      user_scope: 'x,y',
    })
    expect(fake.asked[0]).toMatchObject({
      url: `${HOST}/connect/session`,
      init: { headers: { authorization: `Bearer ${TOKEN}` }, credentials: 'omit', referrerPolicy: 'no-referrer' },
    })
    expect(fake.sockets[0]?.url).toBe('wss://connect.example.com/')
    expect(seen.ends).toBe(0)
  })

  it('takes the pages in the window the way to this page, unless they are of one origin', async () => {
    void hawser.connect('sf').catch(() => {})
    expect(fake.popups[0]?.opener).toBeNull()
    fake.location.origin = HOST
    void hawser.connect('other').catch(() => {})
    expect(fake.popups[1]?.opener).toBe('the page')
  })

  it('keeps the path of the host', async () => {
    const own = new Hawser({ host: `${HOST}/hawser/`, connectSessionToken: TOKEN }, fake.browser)
    void own.connect('sf').catch(() => {})
    await fake.run(SENT_MS)
    expect(fake.popups[0]?.shown[0]).toMatch(`${HOST}/hawser/oauth/connect/sf?`)
    expect(fake.sockets[0]?.url).toBe('wss://connect.example.com/hawser/')
  })

  it('asks for the token after the window is open, and closes it when there is none', async () => {
    const order: string[] = []
    const fetchToken = async () => {
      order.push(`token, ${fake.popups.length} window`)
      throw new Error('no session')
    }
    const seen = watchPromise(new Hawser({ host: HOST, connectSessionToken: fetchToken }, fake.browser).connect('sf'))
    await fake.run(SENT_MS)
    expect(order).toEqual(['token, 1 window'])
    expect(seen.error).toMatchObject({ code: 'unknown_error', cause: { message: 'no session' } })
    expect(fake.popups[0]?.closed).toBe(true)
  })

  it('goes on without a WebSocket', async () => {
    fake.knobs.socketAnswers = false
    const seen = watchPromise(hawser.connect('sf'))
    await fake.run(4000)
    expect(fake.popups[0]?.shown[0]).not.toContain('ws_client_id')
    fake.session.result = success()
    await fake.run(2500)
    expect(seen.value).toEqual(connected)
  })

  it.each([
    ['no token', { host: HOST }, 'missing_auth_token'],
    ['an empty token', { host: HOST, connectSessionToken: '' }, 'missing_auth_token'],
  ])('opens no window with %s', async (_name, options, code) => {
    await expect(new Hawser(options, fake.browser).connect('sf')).rejects.toMatchObject({ code, type: code, name: 'HawserError' })
    await expect(new Hawser(options, fake.browser).reconnect('sf')).rejects.toMatchObject({ code: 'missing_connect_session_token' })
    expect(fake.popups).toEqual([])
  })

  it.each(['', 'connect.example.com', 'javascript:alert(1)', 'ftp://example.com', 'https://'])('refuses the host %j', (host) => {
    expect(() => new Hawser({ host }, fake.browser)).toThrow(expect.objectContaining({ code: 'invalid_host_url' }))
  })
})

describe('the result', () => {
  it('comes over the WebSocket; the window is closed a moment later and nothing is left running', async () => {
    const seen = watchPromise(hawser.connect('sf'))
    await fake.run(SENT_MS)
    fake.sockets[0]?.say(told)
    await fake.flush()
    expect(seen.value).toEqual(connected)
    expect(fake.popups[0]?.closed).toBe(false)
    await fake.run(500)
    expect(fake.popups[0]?.closed).toBe(true)
    expect(fake.sockets[0]?.isClosed).toBe(true)
    expect(fake.leftovers()).toEqual({ timers: 0, listeners: 0 })
  })

  it('comes by polling, within 2 seconds without a WebSocket', async () => {
    fake.knobs.socketAnswers = false
    const seen = watchPromise(hawser.connect('sf'))
    await fake.run(60_000)
    fake.session.result = success()
    await fake.run(2100)
    expect(seen.value).toEqual(connected)
  })

  it('is fetched at once when the window says it is done, if the window is the server’s', async () => {
    const seen = watchPromise(hawser.connect('sf'))
    await fake.run(30_000)
    fake.session.result = success()
    const before = fake.asked.length
    fake.post('https://evil.example', { type: 'nango_oauth_callback_success' })
    fake.post(HOST, 'nango_oauth_callback_success')
    fake.post(HOST, null)
    await fake.flush()
    expect(fake.asked).toHaveLength(before)
    const acks: unknown[] = []
    fake.post(HOST, { type: 'nango_oauth_callback_success' }, { postMessage: (...given: unknown[]) => acks.push(given) })
    await fake.run(50)
    expect(seen.value).toEqual(connected)
    expect(acks).toEqual([[{ type: 'nango_oauth_callback_ack' }, { targetOrigin: HOST }]])
  })

  it('is fetched at once when the person comes back to this page', async () => {
    const seen = watchPromise(hawser.connect('sf'))
    await fake.run(30_000)
    fake.session.result = success()
    fake.focus()
    await fake.run(50)
    expect(seen.value).toEqual(connected)
  })

  it('is an error with its diagnosis when the person declines; the window stays, it says why', async () => {
    const seen = watchPromise(hawser.connect('sf'))
    await fake.run(SENT_MS)
    fake.session.result = denial
    await fake.run(5000)
    expect(seen.error).toMatchObject({ code: 'callback_err', message: 'Declined.', diagnosis: { end_user_text: 'You declined.' } })
    expect(fake.popups[0]?.closed).toBe(false)
  })

  it('of the attempt before, or of another integration, is none', async () => {
    fake.session.result = denial
    const seen = watchPromise(hawser.connect('sf'))
    await fake.run(20_000)
    fake.session.result = success('other')
    await fake.run(20_000)
    expect(seen.ends).toBe(0)
    fake.session.result = { ...denial, at: 'later' } as never
    await fake.run(6000)
    expect(seen.error).toMatchObject({ code: 'callback_err' })
  })
})

describe('the window', () => {
  it('that is blocked says what works without one', async () => {
    fake.blockPopups()
    const seen = watchPromise(hawser.connect('sf'))
    await fake.flush()
    expect(seen.error).toMatchObject({ code: 'blocked_by_browser', fallback: 'redirect' })
    expect(fake.leftovers()).toEqual({ timers: 0, listeners: 0 })
  })

  it('that is closed before the provider was reached ends it at once', async () => {
    fake.knobs.answer = () => 'never'
    const seen = watchPromise(hawser.connect('sf'))
    fake.popups[0]?.close()
    await fake.run(500)
    expect(seen.error).toMatchObject({ code: 'window_closed' })
  })

  it('that is closed later ends it 3 s after this page has the focus', async () => {
    const seen = watchPromise(hawser.connect('sf'))
    await fake.run(20_000)
    fake.popups[0]?.close()
    await fake.run(2500)
    expect(seen.ends).toBe(0)
    await fake.run(2000)
    expect(seen.error).toMatchObject({ code: 'window_closed' })
  })

  it('that was cut off is waited for as long as the person is elsewhere', async () => {
    const seen = watchPromise(hawser.connect('sf'))
    await fake.run(SENT_MS)
    fake.popups[0]?.close()
    fake.knobs.hasFocus = false
    await fake.run(8 * 60_000)
    expect(seen.ends).toBe(0)
    fake.session.result = success()
    await fake.run(5100)
    expect(seen.value).toEqual(connected)
  })

  it('that was cut off ends it after 8 s with this page in front', async () => {
    const seen = watchPromise(hawser.connect('sf'))
    await fake.run(SENT_MS)
    fake.popups[0]?.close()
    await fake.run(7500)
    expect(seen.ends).toBe(0)
    await fake.run(3000)
    expect(seen.error).toMatchObject({ code: 'window_closed' })
  })

  it('that closes with the result in the very last moment is no closed window', async () => {
    const seen = watchPromise(hawser.connect('sf'))
    await fake.run(SENT_MS)
    fake.knobs.answerMs = 10_000
    await fake.run(20_000)
    fake.popups[0]?.close()
    await fake.run(3000)
    fake.session.result = success()
    await fake.run(30_000)
    expect(seen.value).toEqual(connected)
  })
})

describe('a second click', () => {
  it('brings the window to the front, and gets the same promise', async () => {
    const first = hawser.connect('sf')
    expect(hawser.connect('sf')).toBe(first)
    expect(fake.popups).toHaveLength(1)
    expect(fake.popups[0]?.focused).toBe(1)
    await fake.run(SENT_MS)
    fake.sockets[0]?.say(told)
    await expect(first).resolves.toEqual(connected)
    await fake.flush()
    const again = hawser.connect('sf')
    void again.catch(() => {})
    expect(again).not.toBe(first)
    expect(fake.popups).toHaveLength(2)
  })

  it('opens the window anew if it was closed', async () => {
    const seen = watchPromise(hawser.connect('sf'))
    await fake.run(20_000)
    fake.popups[0]?.close()
    await fake.run(1000)
    void hawser.connect('sf')
    await fake.run(20_000)
    expect(seen.ends).toBe(0)
    expect(fake.popups[1]?.shown).toEqual(fake.popups[0]?.shown)
    fake.sockets[0]?.say(told)
    await fake.run(500)
    expect(seen.value).toEqual(connected)
    expect(fake.popups[1]?.closed).toBe(true)
  })
})
