/** Secret fields of a connection's configuration, and every ciphertext in a row that is not its own. */
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openStore } from '../server/open-store.ts'
import { replaceEnvironmentKeys } from '../server/rotate-keys.ts'
import { sealedColumns } from '../server/sealed-places.ts'
import { CannotOpen } from '../server/vault/envelope.ts'
import { startTestServer, type TestServer } from '../testkit/test-server.ts'
import { createApiClient } from './api-client.ts'
import { addIntegration, connect, connectionPath, openSession, proxied, readConnection } from './customer.ts'
import { databaseDump, placesOf } from './security/search-for-secrets.ts'

const KEY = 'pinned'
const PIN = 'pin-canary-4711-of-the-form'
const IMPORTED_PIN = 'pin-canary-0815-of-the-import'
const TENANT = 'the-tenant-of-acme'

let provider: Server
let server: TestServer
let folder: string
/** Bodies of token requests, and the header that the API's calls brought. */
const tokenRequests: URLSearchParams[] = []
const pins: (string | undefined)[] = []
const answers: string[] = []

beforeAll(async () => {
  provider = createServer((request, response) => {
    const url = new URL(request.url!, 'http://localhost')
    const json = (status: number, body: object) =>
      void response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
    if (url.pathname === '/auth') {
      const to = new URL(url.searchParams.get('redirect_uri')!)
      to.searchParams.set('code', 'a-code')
      to.searchParams.set('state', url.searchParams.get('state')!)
      return void response.writeHead(302, { location: to.href }).end()
    }
    let text = ''
    request.setEncoding('utf8').on('data', (chunk: string) => (text += chunk))
    request.on('end', () => {
      if (url.pathname === '/me') {
        pins.push(request.headers['x-tenant-pin'] as string | undefined)
        return json(200, {})
      }
      const params = new URLSearchParams(text)
      tokenRequests.push(params)
      // As some providers do, it repeats what it was sent.
      if (!String(params.get('tenant_pin')).startsWith('pin-canary'))
        return json(400, { error: 'invalid_request', error_description: text })
      const count = tokenRequests.length
      json(200, { access_token: `access-${count}`, refresh_token: `refresh-${count}`, expires_in: 600, token_type: 'bearer' })
    })
  })
  await new Promise<void>((resolve) => provider.listen(0, '127.0.0.1', resolve))
  const { port } = provider.address() as AddressInfo
  const origin = `http://localhost:${port}`
  folder = await mkdtemp(join(tmpdir(), 'hawser-pinned-'))
  const entry = {
    display_name: 'Pinned',
    categories: ['test'],
    auth_mode: 'OAUTH2',
    docs: 'https://example.com/docs',
    authorization_url: `${origin}/auth`,
    token_url: `${origin}/token`,
    token_params: { tenant_pin: '${connectionConfig.pin}' },
    allowed_hosts: [`localhost:${port}`],
    connection_config: { pin: { title: 'PIN', secret: true }, tenant: { title: 'Tenant' } },
    proxy: { base_url: origin, headers: { 'x-tenant-pin': '${connectionConfig.pin}' } },
  }
  await writeFile(join(folder, 'pinned.json'), JSON.stringify(entry))
  server = await startTestServer({ env: { HAWSER_PROVIDERS: folder }, trustedHosts: [{ host: 'localhost', port }] })
  await addIntegration(server, KEY, { clientId: 'id', clientSecret: 'client-secret-canary-xyz' }, 'pinned')
})
afterAll(async () => {
  await server?.close()
  provider?.close()
  if (folder) await rm(folder, { recursive: true })
})

const api = () => createApiClient(server.url, server.apiKey)
const note = (body: unknown) => void answers.push(JSON.stringify(body))
const grants = async () =>
  (
    await server.kit.db.pool.query<{
      id: string
      grant_id: string
      data_key: Buffer
      credentials: Buffer
      environment_id: string
      name: string
    }>(
      `select c.id, g.id as grant_id, g.data_key, g.credentials, c.environment_id, c.connection_id as name
       from connection c join "grant" g on g.id = c.grant_id order by c.number`,
    )
  ).rows

describe('6. secret fields of a connection', () => {
  let formed: string

  it('come from the form, and reach the token endpoint and the API', async () => {
    formed = await connect(server, KEY, { query: { 'params[pin]': PIN, 'params[tenant]': TENANT } })
    expect(tokenRequests.at(-1)?.get('tenant_pin')).toBe(PIN)
    expect((await proxied(server, formed, KEY, '/me')).status).toBe(200)
    expect(pins.at(-1)).toBe(PIN)
  })

  it('are not shown to the browser of a session whose backend has set them', async () => {
    const token = await openSession(server, KEY, { defaults: { connection_config: { pin: PIN, tenant: TENANT } } })
    const session = await createApiClient(server.url, token).get<{ data: { integrations_config_defaults: unknown } }>('/connect/session')
    expect(session.body.data.integrations_config_defaults).toEqual({ [KEY]: { connection_config: { tenant: TENANT } } })
  })

  it('come from an import, and are kept when it is repeated without them', async () => {
    const body = { provider_config_key: KEY, connection_id: 'imported', credentials: { type: 'OAUTH2', access_token: 'an-access-token' } }
    const first = await api().post('/connections', { ...body, connection_config: { pin: IMPORTED_PIN, tenant: TENANT } })
    expect(first).toMatchObject({ status: 201, body: { connection_config: { tenant: TENANT } } })
    note(first.body)
    const second = await api().post('/connections', { ...body, connection_config: { tenant: 'another' } })
    expect(second.status).toBe(201)
    await proxied(server, 'imported', KEY, '/me')
    expect(pins.at(-1)).toBe(IMPORTED_PIN)
  })

  it('serve refreshes, before and after their data keys were wrapped again', async () => {
    const other = await openStore(server.config)
    try {
      for (const rotated of [false, true]) {
        if (rotated) {
          // Without the time that a rotation waits: the server meets a key that it has not heard of, and asks for it.
          await replaceEnvironmentKeys(other, { environment: 'dev', settleMs: 0 })
          const missed = await api().get(connectionPath(formed, KEY, { force_refresh: 'true' }))
          expect(missed).toMatchObject({ status: 503, body: { error: { code: 'credentials_unavailable' } } })
          expect(JSON.stringify(missed.body)).toContain('Try again')
        }
        note(await readConnection(server, formed, KEY, { force_refresh: 'true' }))
        expect(tokenRequests.at(-1)?.get('grant_type')).toBe('refresh_token')
        expect(tokenRequests.at(-1)?.get('tenant_pin')).toBe(PIN)
        await proxied(server, formed, KEY, '/me')
        expect(pins.at(-1)).toBe(PIN)
      }
    } finally {
      await other.close()
    }
  })

  it('are shown to nobody: answers, logs, every column of every table, pg_dump', async () => {
    note((await api().get(connectionPath(formed, KEY, { refresh_token: 'true' }))).body)
    note((await api().get('/connections')).body)
    await server.server.flush()
    const texts = {
      answers: answers.join('\n'),
      logs: server.logged(),
      'text dump': await textDump(),
      ...(await databaseDump(server.kit.db)),
    }
    for (const secret of [PIN, IMPORTED_PIN, 'client-secret-canary-xyz', 'an-access-token', 'refresh-1'])
      expect(placesOf(secret, secret === 'an-access-token' ? { ...texts, answers: '' } : texts), secret).toEqual([])
    expect(placesOf(TENANT, texts)).toEqual(expect.arrayContaining(['text dump', 'public.connection']))
    expect(answers.join()).not.toContain('secret_config')
  })
})

/** The rows as pg_dump writes them: pg_dump itself must be of the server's version, and is not among the binaries that come with it. */
async function textDump(): Promise<string> {
  const { pool } = server.kit.db
  const { rows: tables } = await pool.query<{ name: string }>(
    `select format('%I.%I', schemaname, tablename) as name from pg_tables where schemaname in ('public', 'graphile_worker')`,
  )
  const texts: string[] = []
  for (const { name } of tables) {
    const { rows } = await pool.query<{ text: string }>(`select t::text as text from ${name} t`)
    texts.push(...rows.map((row) => row.text))
  }
  return texts.join('\n')
}

describe('7. a ciphertext in a place that is not its own', () => {
  it('does not open: other row, other column, other environment, for every place there is', async () => {
    const { vault } = server.kit
    const { rows } = await server.kit.db.pool.query<{ id: string }>('select id from environment order by name')
    const [dev, prod] = rows.map(({ id }) => id) as [string, string]
    const one = '00000000-0000-4000-8000-000000000001'
    const two = '00000000-0000-4000-8000-000000000002'
    await Promise.all([vault.ready(dev), vault.ready(prod)])
    for (const { label } of sealedColumns) {
      const { data_key, ciphertext } = vault.sealNew(dev, label, one, 'a secret')
      expect(vault.openSealed(dev, data_key, ciphertext, label, one).toString()).toBe('a secret')
      expect(() => vault.openSealed(dev, data_key, ciphertext, label, two)).toThrow(CannotOpen)
      expect(() => vault.openSealed(prod, data_key, ciphertext, label, one)).toThrow(CannotOpen)
      for (const other of sealedColumns.filter((each) => each.label !== label))
        expect(() => vault.openSealed(dev, data_key, ciphertext, other.label, one), `${label} as ${other.label}`).toThrow(CannotOpen)
    }
    expect(new Set(sealedColumns.map(({ label }) => label)).size).toBe(sealedColumns.length)
  })

  it('is refused with a clear error where the database was tampered with; others go on, and it can be deleted', async () => {
    const names = ['swapped', 'whole']
    for (const name of names) {
      const made = await api().post('/connections', {
        ...{ provider_config_key: KEY, connection_id: name, connection_config: { pin: IMPORTED_PIN } },
        credentials: { type: 'OAUTH2', access_token: `access-token-of-${name}` },
      })
      expect(made.status, JSON.stringify(made.body)).toBe(201)
    }
    const rows = await grants()
    const [swapped, whole] = names.map((name) => rows.find((row) => row.name === name)!)
    await server.kit.db.pool.query('update "grant" set data_key = $2, credentials = $3, version = version + 1 where id = $1', [
      swapped!.grant_id,
      whole!.data_key,
      whole!.credentials,
    ])
    await expect.poll(async () => (await proxied(server, 'swapped', KEY, '/me')).status).toBe(424)
    const refused = await proxied(server, 'swapped', KEY, '/me')
    expect(await refused.json()).toMatchObject({
      error: {
        code: 'vault_cannot_open',
        message: expect.stringContaining('do not open'),
        diagnosis: { class: 'config', transient: false },
      },
    })
    expect((await proxied(server, 'whole', KEY, '/me')).status).toBe(200)
    expect((await api().call('DELETE', connectionPath('swapped', KEY))).status).toBe(200)
  })
})

describe('deletion', () => {
  it('drops the wrapped key: a copy of the ciphertext opens with nothing that is left', async () => {
    const [copy] = (await grants()).filter((row) => row.name === 'imported')
    const secret = await server.kit.db.pool.query<{ sealed: Buffer }>('select secret_config as sealed from connection where id = $1', [
      copy!.id,
    ])
    const sealed = [copy!.credentials, secret.rows[0]!.sealed]
    expect((await api().call('DELETE', connectionPath('imported', KEY))).status).toBe(200)
    const left = await databaseDump(server.kit.db)
    for (const bytes of [copy!.data_key, ...sealed]) {
      const hex = bytes.toString('hex')
      expect(Object.entries(left).flatMap(([table, text]) => (text.includes(hex) ? [table] : []))).toEqual([])
    }
    // The vault key still opens every key that is left; none of them opens the copy.
    const { vault } = server.kit
    for (const row of await grants()) {
      for (const bytes of sealed) {
        expect(() => vault.openSealed(row.environment_id, row.data_key, bytes, 'grant', copy!.grant_id)).toThrow(CannotOpen)
        expect(() => vault.openSealed(row.environment_id, row.data_key, bytes, 'grant', row.grant_id)).toThrow(CannotOpen)
      }
    }
  })
})
