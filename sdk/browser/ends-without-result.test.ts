import { beforeEach, describe, expect, it } from 'vitest'
import { createFakeBrowser, HOST, TOKEN, watchPromise, type FakeBrowser } from './fake-browser-for-tests.ts'
import { Hawser } from './hawser.ts'

let fake: FakeBrowser
let hawser: Hawser
beforeEach(() => {
  fake = createFakeBrowser()
  hawser = new Hawser({ host: `${HOST}/`, connectSessionToken: TOKEN }, fake.browser)
})

/** Until the window shows the provider. */
const SENT_MS = 100

describe('the end without a result', () => {
  it('an expired session says so at once, and closes the window', async () => {
    fake.knobs.answer = () => ({ status: 401, body: { error: { code: 'unknown_connect_session_token', message: 'Over.' } } })
    const seen = watchPromise(hawser.connect('sf'))
    await fake.run(SENT_MS)
    expect(seen.error).toMatchObject({ code: 'session_expired', message: 'Over.' })
    expect(fake.popups[0]).toMatchObject({ closed: true, shown: [] })
  })

  it('a session that ends while the person signs in', async () => {
    const seen = watchPromise(hawser.connect('sf'))
    await fake.run(10_000)
    fake.knobs.answer = () => ({ status: 401, body: { error: { code: 'unknown_connect_session_token', message: 'Over.' } } })
    await fake.run(6000)
    expect(seen.error).toMatchObject({ code: 'session_expired' })
  })

  it.each([
    [
      'an integration that the session does not cover',
      () => ({ status: 200, body: { data: { allowed_integrations: ['x'] } } }),
      'integration_not_allowed',
    ],
    ['a refusal of the server', () => ({ status: 403, body: { error: { code: 'forbidden', message: 'No.' } } }), 'forbidden'],
    ['something else that answers', () => ({ status: 200, body: '<html>' }), 'unexpected_answer'],
    ['an array for an answer', () => ({ status: 200, body: [] }), 'unexpected_answer'],
    ['an error without words', () => ({ status: 500, body: {} }), 'unexpected_answer'],
    ['no server', () => 'unreachable' as const, 'network_error'],
    ['a server that never answers', () => 'never' as const, 'network_error'],
  ])('%s', async (_name, answer, code) => {
    fake.knobs.answer = answer
    const seen = watchPromise(hawser.connect('sf'))
    await fake.run(60_000)
    expect(seen.error).toMatchObject({ code })
    expect(fake.popups[0]).toMatchObject({ closed: true, shown: [] })
    expect(fake.leftovers()).toEqual({ timers: 0, listeners: 0 })
  })

  it('bears a server that is away for a while, and no longer', async () => {
    const seen = watchPromise(hawser.connect('sf'))
    await fake.run(10_000)
    const { answer } = fake.knobs
    fake.knobs.answer = () => 'unreachable'
    await fake.run(20_000)
    fake.knobs.answer = answer
    await fake.run(20_000)
    expect(seen.ends).toBe(0)
    fake.knobs.answer = () => 'unreachable'
    await fake.run(60_000)
    expect(seen.error).toMatchObject({ code: 'network_error' })
  })

  it('nobody finishes: as long as the session lasts, or `timeoutMs`', async () => {
    const long = watchPromise(hawser.connect('sf'))
    const short = watchPromise(hawser.connect('other', { timeoutMs: 60_000 }))
    await fake.run(61_000)
    expect(short.error).toMatchObject({ code: 'timed_out' })
    await fake.run(28 * 60_000)
    expect(long.ends).toBe(0)
    await fake.run(60_000)
    expect(long.error).toMatchObject({ code: 'timed_out' })
    expect(fake.leftovers()).toEqual({ timers: 0, listeners: 0 })
  })

  it('waits 10 minutes where this computer’s clock is wrong', async () => {
    fake.session.expires_at = new Date(0).toISOString()
    const seen = watchPromise(hawser.connect('sf'))
    await fake.run(9 * 60_000)
    expect(seen.ends).toBe(0)
    await fake.run(61_000)
    expect(seen.error).toMatchObject({ code: 'timed_out' })
  })

  it('an abort rejects with its reason; clear() aborts all', async () => {
    const controller = new AbortController()
    const seen = watchPromise(hawser.connect('sf', { signal: controller.signal }))
    const other = watchPromise(hawser.connect('other'))
    await fake.run(SENT_MS)
    controller.abort(new Error('mind changed'))
    await fake.run(0)
    expect(seen.error).toMatchObject({ message: 'mind changed' })
    expect(other.ends).toBe(0)
    hawser.clear()
    await fake.run(0)
    expect(other.error).toMatchObject({ name: 'AbortError' })
    expect(fake.popups.every(({ closed }) => closed)).toBe(true)
    const late = watchPromise(hawser.connect('sf', { signal: AbortSignal.abort(new Error('too late')) }))
    await fake.flush()
    expect(late.error).toMatchObject({ message: 'too late' })
    expect(fake.popups).toHaveLength(2)
    expect(fake.leftovers()).toEqual({ timers: 0, listeners: 0 })
  })
})
