/**
 * The control: how a token store is often written. A lock of ten seconds that its holder does not look at again, and new tokens that are used first and
 * stored afterwards. The tests that the server passes must find its losses, else they would find nobody's.
 */
import { createServer } from 'node:http'
import { request } from 'node:https'
import pg from 'pg'
import { answerParent, type ServerLife } from './child-talk.ts'
import { installFaultPoints } from './fault-points.ts'

const HOST = 'acme--uat.sandbox.my.salesforce.com'
const { env, clockOffsetMs, providerPort, providerCa } = JSON.parse(process.argv[2] ?? '{}') as ServerLife
const lockMs = Number(env['NAIVE_LOCK_MS'] ?? 10_000)
const pool = new pg.Pool({ connectionString: env['DATABASE_URL'] ?? '' })
let offsetMs = clockOffsetMs

await pool.query('create table if not exists naive_app (client_id text, client_secret text)')
await pool.query('create table if not exists naive_token (id text primary key, access text, refresh text, locked_until float8 default 0)')
const points = installFaultPoints(pool)

interface Row {
  access: string
  refresh: string
}

function askProvider(method: string, path: string, headers: Record<string, string>, body = ''): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    const to = { host: '127.0.0.1', port: providerPort, servername: HOST, ca: providerCa, method, path, agent: false }
    const asking = request({ ...to, headers: { host: HOST, ...headers } }, (answer) => {
      let text = ''
      answer.on('data', (chunk: Buffer) => (text += chunk.toString()))
      answer.on('end', () => resolve({ status: answer.statusCode ?? 0, text }))
      answer.on('error', reject)
    })
    asking.on('error', reject)
    asking.end(body)
  })
}

const useToken = (access: string) => askProvider('GET', '/services/data/v62.0/limits', { authorization: `Bearer ${access}` })

async function refresh(id: string): Promise<string> {
  for (;;) {
    const client = await pool.connect()
    try {
      const now = Date.now() + offsetMs
      const { rows } = await client.query<Row>('update naive_token set locked_until = $2 where id = $1 and locked_until < $3 returning *', [
        ...[id, now + lockMs, now],
      ])
      const [app] = (await client.query<{ client_id: string; client_secret: string }>('select * from naive_app')).rows
      const [row] = rows
      if (!row) {
        client.release()
        await new Promise((resolve) => setTimeout(resolve, 20))
        continue
      }
      const form = new URLSearchParams({ grant_type: 'refresh_token', refresh_token: row.refresh, ...app })
      const type = { 'content-type': 'application/x-www-form-urlencoded' }
      const answer = await askProvider('POST', '/services/oauth2/token', type, form.toString())
      if (answer.status !== 200) throw new Error('refused')
      const tokens = JSON.parse(answer.text) as { access_token: string; refresh_token: string }
      await useToken(tokens.access_token)
      await client.query('update naive_token set access = $2, refresh = $3, locked_until = 0 where id = $1', [
        ...[id, tokens.access_token, tokens.refresh_token],
      ])
      client.release()
      return tokens.access_token
    } catch (error) {
      client.release(true)
      throw error
    }
  }
}

async function answer(method: string, url: URL, body: string, headers: NodeJS.Dict<string | string[]>): Promise<[number, unknown]> {
  if (method === 'GET' && url.pathname.startsWith('/integrations/'))
    return [(await pool.query('select from naive_app')).rowCount ? 200 : 404, {}]
  if (url.pathname === '/integrations') {
    const { client_id, client_secret } = (JSON.parse(body) as { credentials: Record<string, string> }).credentials
    await pool.query('insert into naive_app values ($1, $2)', [client_id, client_secret])
    return [200, {}]
  }
  if (method === 'POST' && url.pathname === '/connections') {
    const given = JSON.parse(body) as { connection_id: string; credentials: Record<string, string> }
    const { access_token, refresh_token } = given.credentials
    await pool.query('insert into naive_token values ($1, $2, $3)', [given.connection_id, access_token, refresh_token])
    return [201, {}]
  }
  if (url.pathname.startsWith('/proxy/')) {
    const { rows } = await pool.query<Row>('select * from naive_token where id = $1', [headers['connection-id']])
    const first = await useToken(rows[0]?.access ?? '')
    if (first.status !== 401) return [first.status, {}]
    return [(await useToken(await refresh(String(headers['connection-id'])))).status, {}]
  }
  const accessToken = await refresh(url.pathname.split('/').at(-1) ?? '')
  return [200, { credentials: { access_token: accessToken } }]
}

const server = createServer((asked, reply) => {
  let body = ''
  asked.on('data', (chunk: Buffer) => (body += chunk.toString()))
  asked.on('end', () => {
    answer(asked.method ?? '', new URL(asked.url ?? '', 'http://localhost'), body, asked.headers).then(
      ([status, json]) => reply.writeHead(status).end(JSON.stringify(json)),
      () => reply.writeHead(424).end('{"error":{"code":"invalid_credentials"}}'),
    )
  })
})
server.listen(Number(env['HAWSER_PORT']), 'localhost', () => answerParent({ arm: points.arm, moveClock: (ms) => void (offsetMs += ms) }))
