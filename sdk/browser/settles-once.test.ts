/** Whatever happens, in whatever order: the promise settles exactly once, within its bound, and nothing of the sign-in is left running. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createFakeBrowser, denial, HOST, success, TOKEN, watchPromise, type FakeBrowser } from './fake-browser-for-tests.ts'
import { Hawser } from './hawser.ts'

const TIMEOUT_MS = 60_000
/** A last question to the session may be under way when the bound is reached by it. */
const BOUND_MS = TIMEOUT_MS + 15_000
const REASON = new Error('aborted by the caller')
const EXPIRED = { status: 401, body: { error: { code: 'unknown_connect_session_token', message: 'Over.' } } }

interface World {
  fake: FakeBrowser
  hawser: Hawser
  controller: AbortController
}

const EVENTS = {
  'socket: success': ({ fake }) => fake.sockets[0]?.say({ ...success(), message_type: 'success' }),
  'socket: error': ({ fake }) => fake.sockets[0]?.say({ ...denial, message_type: 'error' }),
  'socket: nonsense': ({ fake }) => fake.sockets[0]?.onmessage?.({ data: '{' } as MessageEvent),
  'socket: lost': ({ fake }) => fake.sockets[0]?.onclose?.({} as CloseEvent),
  'session: success': ({ fake }) => void (fake.session.result = success()),
  'session: error': ({ fake }) => void (fake.session.result = denial),
  'session: nothing': ({ fake }) => void (fake.session.result = null),
  'session: over': ({ fake }) => void (fake.knobs.answer = () => EXPIRED),
  'network: lost': ({ fake }) => void (fake.knobs.answer = () => 'unreachable'),
  'network: silent': ({ fake }) => void (fake.knobs.answer = () => 'never'),
  'network: back': ({ fake }) => void (fake.knobs.answer = () => ({ status: 200, body: { data: fake.session } })),
  'message of the window': ({ fake }) => fake.post(HOST, { type: 'nango_oauth_callback_success' }),
  'message of a stranger': ({ fake }) => fake.post('https://evil.example', { type: 'nango_oauth_callback_success' }),
  'window closed': ({ fake }) => fake.popups.at(-1)?.close(),
  'second click': ({ hawser }) => void hawser.connect('sf').catch(() => {}),
  'page left': ({ fake }) => void (fake.knobs.hasFocus = false),
  'page in front': ({ fake }) => {
    fake.knobs.hasFocus = true
    fake.focus()
  },
  abort: ({ controller }) => controller.abort(REASON),
} satisfies Record<string, (world: World) => void>
type EventName = keyof typeof EVENTS

const script = fc.array(
  fc.record({
    afterMs: fc.constantFrom(0, 5, 15, 25, 400, 1000, 3000, 9000),
    event: fc.constantFrom(...(Object.keys(EVENTS) as EventName[])),
  }),
  { maxLength: 10 },
)
const start = fc.record({
  blocked: fc.boolean(),
  socketAnswers: fc.boolean(),
  tokenMs: fc.constantFrom(0, 50, 5000, Infinity),
})

describe('the promise of connect()', () => {
  it('settles exactly once, within its bound, and leaves nothing behind', async () => {
    const codes = new Set<string>()
    await fc.assert(
      fc.asyncProperty(start, script, async ({ blocked, socketAnswers, tokenMs }, steps) => {
        const fake = createFakeBrowser()
        fake.knobs.socketAnswers = socketAnswers
        if (blocked && steps.length % 4 === 0) fake.blockPopups()
        const token = () =>
          new Promise<string>((give) => (tokenMs === Infinity ? undefined : fake.browser.setTimeout(() => give(TOKEN), tokenMs)))
        const hawser = new Hawser({ host: HOST, connectSessionToken: token }, fake.browser)
        const controller = new AbortController()
        const seen = watchPromise(hawser.connect('sf', { timeoutMs: TIMEOUT_MS, signal: controller.signal }))
        for (const { afterMs, event } of steps) {
          await fake.run(afterMs)
          const isOver = seen.ends > 0
          // After the end a click would begin anew.
          if (!(isOver && event === 'second click')) EVENTS[event]({ fake, hawser, controller })
        }
        await fake.run(BOUND_MS)
        expect(seen.ends).toBe(1)
        if (seen.value) expect(seen.value).toEqual({ providerConfigKey: 'sf', connectionId: 'c-1', isPending: false })
        else if ((seen.error as unknown) !== REASON) expect(seen.error).toMatchObject({ name: 'HawserError', code: expect.any(String) })
        codes.add(seen.value ? 'success' : ((seen.error as { code?: string }).code ?? 'aborted'))
        await fake.run(20_000)
        expect(fake.leftovers()).toEqual({ timers: 0, listeners: 0 })
        expect(fake.sockets.every(({ isClosed }) => isClosed)).toBe(true)
        // What the person may still read stays; every other window is closed.
        if (seen.error?.code !== 'callback_err') expect(fake.popups.every(({ closed }) => closed)).toBe(true)
      }),
      { numRuns: 300, seed: 20 },
    )
    expect([...codes].toSorted()).toEqual(
      [
        'aborted',
        'blocked_by_browser',
        'callback_err',
        'network_error',
        'session_expired',
        'success',
        'timed_out',
        'window_closed',
      ].toSorted(),
    )
  })
})
