/** Random requests to the sign-in and to the proxy, on real sockets. */
import { request as httpRequest } from 'node:http'
import fc from 'fast-check'
import { createWorld } from '../../server/connect/world-for-tests.ts'
import { closeAll, startRig, startUpstream } from '../../server/proxy/proxy-rig.ts'
import { KEY } from '../../server/proxy/raw-calls.ts'

export interface FuzzServer {
  fuzzSignIn(runs: number): Promise<void>
  fuzzProxy(runs: number): Promise<void>
  /** All that were answered. */
  statuses(): number[]
  close(): Promise<void>
}

const text = fc.oneof(
  fc.string({ maxLength: 40 }),
  fc.string({ unit: 'binary', maxLength: 20 }),
  fc.constantFrom(
    '',
    '\0',
    '__proto__',
    '<script>alert(1)</script>',
    'https://evil.example',
    '${credentials}',
    '%',
    '[',
    'a'.repeat(3_000),
  ),
)
const names = fc.oneof(
  fc.constantFrom('state', 'code', 'error', 'error_description', 'iss', 'connect_session_token', 'params[hostname]', 'params[subdomain]'),
  fc.constantFrom(
    'authorization_params[scope]',
    'credentials[oauth_client_id_override]',
    'user_scope',
    'mode',
    'ws_client_id',
    '__proto__[x]',
    'a[b][c][d][e][f][g]',
  ),
  text,
)
const queryString = fc
  .array(fc.tuple(names, text), { maxLength: 6 })
  .map((pairs) =>
    pairs.map(([name, value]) => `${encodeURIComponent(name.toWellFormed())}=${encodeURIComponent(value.toWellFormed())}`).join('&'),
  )
// oxlint-disable-next-line no-control-regex -- what a header or a request line cannot hold
const onTheWire = text.map((value) => value.replaceAll(/[\0-\x20\x7f]|[^\0-\xff]/g, ''))

const CLIENT_SECRET = 'desk-secret'

export async function startFuzzServer(): Promise<FuzzServer> {
  const world = await createWorld()
  const upstream = await startUpstream((_request, response) => response.end('hello'))
  const rig = await startRig({ upstream })
  const seen = new Set<number>()
  const token = await world.newSession()

  const judge = (status: number, body: string, what: string): void => {
    seen.add(status)
    if (status >= 500) throw new Error(`${status} for ${what}: ${body.slice(0, 300)}`)
    for (const hidden of [CLIENT_SECRET, 'token-1', KEY, 'refresh-1'])
      if (body.includes(hidden)) throw new Error(`a secret in the answer to ${what}`)
  }

  return {
    fuzzSignIn: (runs) =>
      fc.assert(
        fc.asyncProperty(
          fc.constantFrom('/oauth/callback', '/oauth/connect/desk', '/oauth/connect/sf', '/connect-ui/', '/connect-ui'),
          queryString,
          fc.boolean(),
          async (path, query, withSession) => {
            const url = `${path}?${query}${withSession ? `&connect_session_token=${token}` : ''}`
            const answer = await world.app.inject(url)
            judge(answer.statusCode, answer.body + JSON.stringify(answer.headers), url)
            if (String(answer.headers['content-type']).includes('html') && answer.body.includes('<script>alert'))
              throw new Error(`markup from ${url}`)
            const log = world.logged.splice(0).join('')
            if (log.includes(CLIENT_SECRET) || log.includes(token)) throw new Error(`a secret in the log of ${url}`)
          },
        ),
        { numRuns: runs },
      ),
    fuzzProxy: (runs) =>
      fc.assert(
        fc.asyncProperty(
          onTheWire,
          fc.dictionary(
            fc.constantFrom(
              'retries',
              'retry-on',
              'base-url-override',
              'connection-id',
              'connection',
              'accept',
              'range',
              'nango-proxy-x',
              'content-type',
              'te',
              'via',
            ),
            onTheWire,
            { maxKeys: 5 },
          ),
          fc.boolean(),
          async (path, headers, known) => {
            const all = {
              'provider-config-key': 'salesforce',
              'connection-id': 'acme',
              ...headers,
              ...(known ? { authorization: `Bearer ${KEY}` } : {}),
            }
            const { status, body } = await send(`${rig.api}`, `/proxy/${path}`, all)
            judge(status, body, `/proxy/${path} ${JSON.stringify(headers)}`)
          },
        ),
        { numRuns: runs },
      ),
    statuses: () => [...seen],
    async close() {
      await closeAll()
      await world.close()
    },
  }
}

function send(base: string, path: string, headers: Record<string, string>): Promise<{ status: number; body: string }> {
  const { hostname, port } = new URL(base)
  return new Promise((resolve, reject) => {
    const request = httpRequest({ hostname, port, path, headers, method: 'GET', agent: false, timeout: 10_000 }, (response) => {
      let body = ''
      response
        .setEncoding('latin1')
        .on('data', (chunk: string) => (body += chunk))
        .on('end', () => resolve({ status: response.statusCode ?? 0, body }))
        .on('error', reject)
    })
    request.on('timeout', () => request.destroy(new Error(`no answer to ${path}`)))
    request.on('error', reject)
    request.end()
  })
}
