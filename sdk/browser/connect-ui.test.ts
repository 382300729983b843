import { beforeEach, describe, expect, it } from 'vitest'
import { createFakeBrowser, HOST, TOKEN, type FakeBrowser } from './fake-browser-for-tests.ts'
import { Hawser, type ConnectUIEvent, type ConnectUIProps, type HawserOptions } from './hawser.ts'

let fake: FakeBrowser
let events: ConnectUIEvent[]
/** What the iframe was sent. */
let sent: unknown[]
let body: { style: { overflow: string }; children: Frame[]; append(frame: Frame): void }
let focused: number
interface Frame {
  src: string
  style: { cssText: string }
  contentWindow: object
}

beforeEach(() => {
  fake = createFakeBrowser()
  events = []
  sent = []
  focused = 0
  body = { style: { overflow: 'scroll' }, children: [], append: (frame) => void body.children.push(frame) }
  Object.assign(fake.browser.document, {
    body,
    activeElement: { focus: () => void focused++ },
    createElement: (): Frame & { remove(): void; focus(): void } => {
      const frame = {
        ...{ src: '', style: { cssText: '' }, focus: () => {} },
        contentWindow: { postMessage: (...given: unknown[]) => void sent.push(given) },
        remove: () => void body.children.splice(body.children.indexOf(frame), 1),
      }
      return frame
    },
  })
})

const open = (props: ConnectUIProps = {}, options: Partial<HawserOptions> = {}) =>
  new Hawser({ host: HOST, connectSessionToken: TOKEN, ...options }, fake.browser).openConnectUI({
    onEvent: (event) => void events.push(event),
    ...props,
  })
const say = (data: unknown, origin = HOST, source: unknown = body.children[0]?.contentWindow) => fake.post(origin, data, source)
const tokenMessage = (token = TOKEN) => [{ type: 'session_token', sessionToken: token }, HOST]

describe('openConnectUI()', () => {
  it('opens the page once, tells it its settings, and gives the token to its origin alone', () => {
    const ui = open({ lang: 'de', themeOverride: 'dark', detectClosedAuthWindow: true })
    ui.open()
    expect(body.children).toHaveLength(1)
    const url = new URL(body.children[0]?.src ?? '')
    expect(url.origin + url.pathname).toBe(`${HOST}/connect-ui/`)
    expect(Object.fromEntries(url.searchParams)).toEqual({ apiURL: HOST, lang: 'de', theme: 'dark', detectClosedAuthWindow: 'true' })
    expect(sent).toEqual([])
    say({ type: 'ready' })
    expect(sent).toEqual([tokenMessage()])
  })

  it('takes the stock client’s addresses', () => {
    open({ baseURL: 'https://ui.example.com/connect', apiURL: 'https://api.example.com' })
    expect(body.children[0]?.src).toBe('https://ui.example.com/connect/?apiURL=https%3A%2F%2Fapi.example.com')
    say({ type: 'ready' })
    expect(sent).toEqual([])
    say({ type: 'ready' }, 'https://ui.example.com')
    expect(sent).toEqual([[{ type: 'session_token', sessionToken: TOKEN }, 'https://ui.example.com']])
  })

  it('hears only the iframe', () => {
    open()
    for (const data of [{ type: 'ready' }, { type: 'close' }, { type: 'connect', payload: {} }]) {
      say(data, 'https://evil.example')
      say(data, HOST, {})
    }
    for (const data of [null, 'ready', {}, { type: 'other' }]) say(data)
    expect([events, sent]).toEqual([[], []])
    const payload = { providerConfigKey: 'sf', connectionId: 'c', isPending: false }
    say({ type: 'connect', payload })
    say({ type: 'close' })
    expect(events).toEqual([{ type: 'connect', payload }, { type: 'close' }])
    expect(body).toMatchObject({ children: [], style: { overflow: 'scroll' } })
    expect(focused).toBe(1)
    expect(fake.leftovers()).toEqual({ timers: 0, listeners: 0 })
  })

  it('gives a token that comes later', async () => {
    const ui = open({}, { connectSessionToken: '' })
    say({ type: 'ready' })
    expect(sent).toEqual([])
    ui.setSessionToken('late')
    expect(sent).toEqual([tokenMessage('late')])
    ui.close()
    open({}, { connectSessionToken: async () => 'fetched' })
    say({ type: 'ready' })
    await fake.flush()
    expect(sent.at(-1)).toEqual(tokenMessage('fetched'))
  })

  it('closes, and says why, when there is no token to be had', async () => {
    open({}, { connectSessionToken: () => Promise.reject(new Error('down')) })
    await fake.flush()
    expect(events).toMatchObject([{ type: 'error', payload: { errorType: 'unknown_error' } }, { type: 'close' }])
    expect(body.children).toEqual([])
  })

  it('does not lie over the page for ever when its own does not load', async () => {
    open()
    expect(body.style.overflow).toBe('hidden')
    await fake.run(20_000)
    expect(events).toMatchObject([{ type: 'error', payload: { errorType: 'network_error' } }, { type: 'close' }])
    expect(body).toMatchObject({ children: [], style: { overflow: 'scroll' } })
    open()
    say({ type: 'ready' })
    await fake.run(60_000)
    expect(body.children).toHaveLength(1)
  })

  it('fills a container, and leaves the page as it is', () => {
    const container = { ...body, children: [] as Frame[], append: (frame: Frame) => void container.children.push(frame) }
    open({ container: container as unknown as HTMLElement })
    expect(container.children[0]?.style.cssText).not.toContain('fixed')
    expect(body).toMatchObject({ children: [], style: { overflow: 'scroll' } })
  })
})
