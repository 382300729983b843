/** Every way by which somebody outside can make the server call an address, each with the whole corpus. */
import { randomUUID } from 'node:crypto'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { parseInstanceUrl, normaliseLoginHost } from '@hawser/salesforce/hosts.ts'
import { createEgress, type Egress } from '../../server/egress/dispatcher.ts'
import { insideHosts, MISLEADING_URLS, NAMES_OF_THE_INSIDE } from '../../server/egress/ssrf-corpus-for-tests.ts'
import { deliverAlerts } from '../../server/events/deliver-alerts.ts'
import { deliverEvent } from '../../server/events/deliver-event.ts'
import { createEventsFixture } from '../../server/events/events-fixture.ts'
import { insertAlert } from '../../server/events/store.ts'
import { secret } from '../../server/lib/secret.ts'
import { revokeToken } from '../../server/oauth/revocation.ts'
import { exchangeCode, refreshTokens, type TokenRequestContext } from '../../server/oauth/token-request.ts'
import type { Provider } from '../../server/providers/schema.ts'
import { tokenHostAllowed } from '../../server/providers/token-hosts.ts'
import { closeAll, startRig, startUpstream } from '../../server/proxy/proxy-rig.ts'
import { callProxy } from '../../server/proxy/raw-calls.ts'
import { salesforce } from '../../server/quirks/salesforce.ts'
import { createTestDatabase, type TestDatabase } from '../../testkit/test-database.ts'

/** The whole corpus as URLs; `https` where the path under test asks for it before anything else. */
const urls = (scheme: 'http' | 'https'): string[] => insideHosts.map((host) => `${scheme}://${host}/`)
const plainUrls = (scheme: 'http' | 'https'): string[] => urls(scheme).filter((url) => URL.canParse(url))

let egress: Egress
const blocked = vi.fn<(what: { host: string; reason: string }) => void>()
beforeAll(() => {
  egress = createEgress({ trustedHosts: [], connectTimeoutMs: 2_000, resolve: async () => ['127.0.0.1'], onBlocked: blocked })
})
afterAll(() => egress.close(0))
beforeEach(() => blocked.mockClear())

const provider = (change: Partial<Provider>): Provider =>
  ({ name: 'own', display_name: 'Own', auth_mode: 'OAUTH2', docs: 'https://docs.example.com', categories: [], ...change }) as Provider

describe('17. the token URL of a provider’s file', () => {
  const context = (url: string): TokenRequestContext => ({
    egress,
    provider: provider({ token_url: url, refresh_url: url, allowed_hosts: [new URL(url).host] }),
    client: { clientId: 'id', clientSecret: secret('s3cret') },
    connectionConfig: {},
    timeoutMs: 2_000,
    nowMs: 0,
  })

  it('gets no code, no refresh token and no secret when it lies inside', async () => {
    for (const url of [...plainUrls('http'), ...plainUrls('https')]) {
      const grant = { code: 'c', redirectUri: 'https://hawser.example/oauth/callback', verifier: 'v' }
      for (const outcome of [await exchangeCode(context(url), grant), await refreshTokens(context(url), 'old')])
        expect(outcome, url).toMatchObject({ ok: false, failure: { sent: false } })
    }
  })

  it('nor when its name resolves to the inside', async () => {
    for (const addresses of NAMES_OF_THE_INSIDE) {
      const naming = createEgress({ trustedHosts: [], connectTimeoutMs: 2_000, resolve: async () => [...addresses] })
      const outcome = await refreshTokens({ ...context('https://tokens.example/'), egress: naming }, 'old')
      expect(outcome, String(addresses)).toMatchObject({ ok: false, failure: { sent: false, network: 'refused' } })
      await naming.close(0)
    }
  })

  it('nor does the revocation URL', async () => {
    for (const url of plainUrls('https'))
      await expect(revokeToken({ egress, url, token: 't', timeoutMs: 2_000 }), url).rejects.toMatchObject({ code: 'ERR_EGRESS_REFUSED' })
  })
})

describe('17. the proxy’s base URL override', () => {
  afterEach(closeAll)

  it('reaches nothing inside, even where the integration’s list allows the host', async () => {
    const upstream = await startUpstream((_request, response) => response.end('hello'))
    const listed = plainUrls('http').map((url) => `${new URL(url).hostname}:80`)
    const rig = await startRig({ upstream, integration: { baseUrlOverrideHosts: listed } })
    for (const url of plainUrls('http').filter((one) => /^[\x21-\x7e]+$/.test(one))) {
      const answer = await callProxy(rig, '/latest/meta-data', { headers: { 'base-url-override': url } })
      expect([answer.status, answer.error().code], url).toEqual([
        400,
        expect.stringMatching(/^(egress_refused|base_url_override_not_allowed|invalid_headers)$/),
      ])
    }
    for (const url of MISLEADING_URLS.filter((one) => /^[\x21-\x7e]+$/.test(one))) {
      const answer = await callProxy(rig, '/', { headers: { 'base-url-override': url } })
      expect(answer.status, url).toBe(400)
    }
    expect(upstream.seen).toEqual([])
  })

  it('nor does an absolute endpoint', async () => {
    const upstream = await startUpstream((_request, response) => response.end('hello'))
    const rig = await startRig({ upstream })
    for (const url of plainUrls('http').filter((one) => /^[\x21-\x7e]+$/.test(one))) {
      const answer = await callProxy(rig, `/${url}latest`)
      expect([answer.status, answer.error().code], url).toEqual([400, 'base_url_override_not_allowed'])
    }
    expect(upstream.seen).toEqual([])
  })
})

describe('17. webhooks and alerts', () => {
  let database: TestDatabase
  let fixture: Awaited<ReturnType<typeof createEventsFixture>>
  beforeAll(async () => {
    database = await createTestDatabase()
    fixture = await createEventsFixture(database.url)
  })
  afterAll(async () => {
    await fixture.close()
    await database.close()
  })

  it('a webhook’s URL: given up at once, nothing sent', async () => {
    const { db } = fixture.kit
    const ids = plainUrls('http').map((url) => ({ id: randomUUID(), url }))
    for (const { id, url } of ids)
      await db.pool.query(`insert into event (id, environment_id, type, url, payload) values ($1, $2, 'auth', $3, '{}')`, [
        id,
        fixture.environmentId,
        url,
      ])
    for (const { id } of ids) await deliverEvent({ ...fixture.kit, egress }, id)
    const { rows } = await db.pool.query<{ url: string; last_error: string }>(
      'select * from event where delivered_at is not null or given_up_at is null',
    )
    expect(rows).toEqual([])
    expect(fixture.receiver.received).toEqual([])
  })

  it('the alert URL: nothing sent', async () => {
    const { db, clock, log } = fixture.kit
    for (const url of plainUrls('http')) {
      await insertAlert(db.kysely, {
        id: randomUUID(),
        environmentId: fixture.environmentId,
        connectionId: null,
        payload: JSON.stringify({ what: 'x', environment: 'dev', integration: 'i', path: '/' }),
      } as never)
      await deliverAlerts({ db, clock, log, egress }, { url: secret(url), publicUrl: 'https://hawser.example' })
    }
    const { rows } = await db.pool.query<{ n: number }>(
      `select count(*)::int as n from event where type = 'alert' and delivered_at is not null`,
    )
    expect(rows[0]?.n).toBe(0)
  })
})

describe('17. addresses that name a Salesforce org', () => {
  const own = provider({ family: 'salesforce' })

  it('as host name of a form, of a probe or of a session', () => {
    for (const host of [...insideHosts, ...MISLEADING_URLS]) {
      const normal = normaliseLoginHost(host)
      // A single word is a My Domain's name, and completed by Salesforce's own suffix.
      if (normal.ok) expect(normal.host, host).toMatch(/\.my\.salesforce\.com$/)
      const field = salesforce.normaliseField(own, 'hostname', host)
      if (field.ok) expect(field.value, host).toMatch(/\.my\.salesforce\.com$/)
    }
  })

  it('as instance_url of an import or of a token answer', () => {
    for (const url of [...urls('https'), ...urls('http'), ...MISLEADING_URLS]) {
      expect(parseInstanceUrl(url), url).toMatchObject({ ok: false })
      expect(tokenHostAllowed(own, url), url).toBe(false)
      const raw = { access_token: '00D!x', instance_url: url }
      for (const phase of ['connect', 'refresh'] as const)
        expect(salesforce.readTokenAnswer({ provider: own, raw, phase, clientSecret: undefined }), url).toMatchObject({ ok: false })
    }
  })
})
