/** A product's own web page on another port than the server, with the browser client on it. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { bundle } from '../../sdk/browser/bundle-for-tests.ts'

export interface ProductPage {
  origin: string
  /** Its button calls `action` with `options`; how that ended lies in `window.outcome`, and what the iframe said in `window.events`. */
  address(wishes: Wishes): string
  /** Where people come back to after a redirect; shows `resultOfRedirect()` in the same way. */
  returnUrl: string
  close(): Promise<void>
}

export interface Wishes {
  action: 'connect' | 'auth' | 'reconnect' | 'redirect' | 'ui'
  host: string
  token: string
  integration?: string
  options?: unknown
  /** Headers of the page, e.g. a Cross-Origin-Opener-Policy. */
  headers?: Record<string, string>
  /** Calls without a click, which browsers block. */
  unasked?: boolean
}

const HTML = `<!doctype html><html lang="en"><meta charset="utf-8"><title>A product's page</title><link rel="icon" href="data:,">
<button>Connect</button>
<script type="module" src="/page.js"></script></html>`

const SCRIPT = `import { Hawser } from './hawser.js'
const wish = new URLSearchParams(location.search)
const [action, host, token, integration] = ['action', 'host', 'token', 'integration'].map((name) => wish.get(name))
window.events = []
window.outcomes = []
const told = (promise) => promise.then(
  (result) => window.outcomes.push(window.outcome = { result: result ?? null }),
  (error) => window.outcomes.push(window.outcome = { error: { name: error.name, code: error.code, fallback: error.fallback, diagnosis: error.diagnosis } }),
)
const run = () => {
  window.hawser ??= new Hawser({ host, connectSessionToken: token })
  if (action === 'ui') window.ui = hawser.openConnectUI({ onEvent: (event) => window.events.push(event), lang: 'en' })
  else told(hawser[action](integration, JSON.parse(wish.get('options'))))
}
document.querySelector('button').addEventListener('click', run)
if (wish.has('unasked')) run()
const back = () => told(new Hawser({ host: sessionStorage.getItem('test-host') }).resultOfRedirect())
if (location.pathname === '/back') back()
else if (host) sessionStorage.setItem('test-host', host)
addEventListener('pageshow', (event) => { if (event.persisted) back() })
window.isReady = true`

export async function startProductPage(): Promise<ProductPage> {
  const scripts: Record<string, string> = { '/page.js': SCRIPT, '/hawser.js': await bundle() }
  const server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://localhost')
    const script = scripts[pathname]
    const headers = JSON.parse(searchParams.get('headers') ?? '{}') as Record<string, string>
    response.writeHead(200, { ...headers, 'content-type': script ? 'text/javascript' : 'text/html' }).end(script ?? HTML)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const origin = `http://localhost:${(server.address() as AddressInfo).port}`
  return {
    origin,
    returnUrl: `${origin}/back?tab=crm`,
    address({ action, host, token, integration = 'sf', options = {}, headers = {}, unasked }) {
      const query = { action, host, token, integration, options: JSON.stringify(options), headers: JSON.stringify(headers) }
      return `${origin}/?${new URLSearchParams({ ...query, ...(unasked ? { unasked: '1' } : {}) })}`
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
