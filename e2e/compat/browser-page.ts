/** A customer's own web page on another port, with the stock browser client as ES modules, as its package.json offers them. */
import { createServer } from 'node:http'
import { readFile } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import { join, normalize } from 'node:path'
import { fileURLToPath } from 'node:url'

const MODULES = fileURLToPath(new URL('node_modules/', import.meta.url))

export interface PageServer {
  /** Address of the page that does `action` when its button is pressed; its outcome lies in `window.outcome` and `window.events`. */
  page(wishes: { action: 'auth' | 'reconnect' | 'ui'; host: string; token: string; integration: string; options?: unknown }): string
  close(): Promise<void>
}

const HTML = (entry: string): string => `<!doctype html><meta charset="utf-8"><title>A customer's page</title>
<script type="importmap">${JSON.stringify({ imports: { '@nangohq/frontend': entry } })}</script>
<button>Connect</button>
<script type="module">
import Client from '@nangohq/frontend'
const wish = new URLSearchParams(location.search)
const [host, token, integration] = ['host', 'token', 'integration'].map((name) => wish.get(name))
window.events = []
document.querySelector('button').addEventListener('click', () => {
  const client = new Client({ host, connectSessionToken: token })
  if (wish.get('action') !== 'ui') {
    client[wish.get('action')](integration, JSON.parse(wish.get('options'))).then(
      (result) => (window.outcome = { result }),
      (error) => (window.outcome = { error: { name: error.constructor.name, type: error.type, message: error.message } }),
    )
  } else {
    client.openConnectUI({ baseURL: host + '/connect-ui/', apiURL: host, onEvent: (event) => window.events.push(event) })
  }
})
window.isReady = true
</script>`

export async function startPageServer(): Promise<PageServer> {
  const { main } = JSON.parse(await readFile(join(MODULES, '@nangohq/frontend/package.json'), 'utf8')) as { main: string }
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost')
    if (pathname === '/') return void response.setHeader('content-type', 'text/html').end(HTML(`/modules/@nangohq/frontend/${main}`))
    if (pathname === '/favicon.ico') return void response.writeHead(204).end()
    const file = normalize(join(MODULES, decodeURIComponent(pathname.replace(/^\/modules\//, ''))))
    if (!pathname.startsWith('/modules/') || !file.startsWith(MODULES)) return void response.writeHead(404).end()
    readFile(file).then(
      (bytes) => response.setHeader('content-type', 'text/javascript').end(bytes),
      () => response.writeHead(404).end(),
    )
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    page: ({ options = {}, ...wishes }) =>
      `http://localhost:${port}/?${new URLSearchParams({ ...wishes, options: JSON.stringify(options) })}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
