import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { FakeSalesforce } from './fake-salesforce.ts'
import { startFakeSalesforce } from './start.ts'
import { connect, data, refresh, send, STOPPED_CLOCK } from './testing/browser.ts'

let fake: FakeSalesforce
let tokens: Record<string, string>

beforeEach(async () => {
  fake = await startFakeSalesforce({ clock: STOPPED_CLOCK })
  tokens = await connect(fake)
})

afterEach(() => fake.close())

const limits = () => data(fake, tokens, '/limits')
const again = () => refresh(fake, tokens['refresh_token'] ?? '')

describe('faults', () => {
  it('fail503Times answers so many with 503', async () => {
    fake.set('knobs.fail503Times', 2)
    expect([(await limits()).status, (await again()).status, (await limits()).status]).toEqual([503, 503, 200])
  })

  it('htmlErrorTimes answers with a page', async () => {
    fake.set('knobs.htmlErrorTimes', 1)
    const page = await again()
    expect([page.status, page.headers['content-type'], page.json]).toEqual([500, 'text/html; charset=UTF-8', undefined])
    expect((await again()).status).toBe(200)
  })

  it('garbageTimes answers 200 with no JSON', async () => {
    fake.set('knobs.garbageTimes', 1)
    const garbage = await again()
    expect([garbage.status, garbage.headers['content-type'], garbage.json]).toEqual([200, 'application/json;charset=UTF-8', undefined])
    expect((await again()).status).toBe(200)
  })

  it('dropBeforeTimes cuts the connection and does nothing', async () => {
    fake.set('apps.hawser_acme_uat.flags.rotation', true)
    fake.set('knobs.dropBeforeTimes', 1)
    await expect(again()).rejects.toThrow(/socket hang up|ECONNRESET/)
    expect((await again()).status).toBe(200)
  })

  it('faultsApplyTo narrows them', async () => {
    fake.set('knobs.faultsApplyTo', 'token')
    fake.set('knobs.fail503Times', 1)
    expect([(await limits()).status, (await again()).status]).toEqual([200, 503])
    fake.set('knobs.faultsApplyTo', 'data')
    fake.set('knobs.fail503Times', 1)
    expect([(await again()).status, (await limits()).status]).toEqual([200, 503])
  })

  it('latencyMs holds answers back, and close does not wait for it', async () => {
    fake.set('knobs.latencyMs', 30)
    const before = performance.now()
    expect((await limits()).status).toBe(200)
    expect(performance.now() - before).toBeGreaterThanOrEqual(28)
    fake.set('knobs.latencyMs', 600_000)
    const lost = expect(limits()).rejects.toThrow()
    await new Promise((resolve) => setImmediate(resolve))
    await fake.close()
    await lost
  })

  it('clientAddress is the address of clients that name none', async () => {
    fake.set('apps.hawser_acme_uat.tokenIpRanges', [{ start: '2001:db8::1', end: '2001:db8::9' }])
    expect((await again()).json.error_description).toBe('ip restricted')
    fake.set('knobs.clientAddress', '2001:db8::5')
    expect((await again()).status).toBe(200)
    fake.set('knobs.clientAddress', 'no address')
    expect((await again()).status).toBe(400)
  })

  it('approvalLimit says how many approvals live', async () => {
    fake.set('knobs.approvalLimit', 1)
    await connect(fake)
    expect((await again()).status).toBe(400)
  })

  it('compress gzips for clients that accept it', async () => {
    const ask = { bearer: tokens['access_token'] ?? '', headers: { 'accept-encoding': 'gzip, br' } }
    const url = `${tokens['instance_url']}/services/data/v67.0/sobjects`
    const zipped = await send(fake, url, ask)
    expect([zipped.headers['content-encoding'], zipped.json.maxBatchSize]).toEqual(['gzip', 200])
    expect((await send(fake, url, { bearer: ask.bearer })).headers['content-encoding']).toBeUndefined()
    fake.set('knobs.compress', false)
    expect((await send(fake, url, ask)).headers['content-encoding']).toBeUndefined()
  })
})

describe('the request log', () => {
  it('holds no secret of a whole flow', async () => {
    await again()
    await limits()
    await send(fake, `${tokens['id']}?oauth_token=${encodeURIComponent(tokens['access_token'] ?? '')}`)
    const text = JSON.stringify(fake.log.entries)
    const consumer = fake.state.apps.get('hawser_acme_uat')?.consumers[0]
    for (const secret of [tokens['access_token'], tokens['refresh_token'], consumer?.secret, 'aPrx']) {
      expect(text).not.toContain(secret)
      expect(text).not.toContain(encodeURIComponent(secret ?? ''))
    }
    expect(text).toContain('oauth_token=[redacted]')
  })

  it('counts by endpoint, and forgets on demand', async () => {
    await again()
    await again()
    await limits()
    expect(fake.log.counts).toEqual({ authorize: 1, 'token:authorization_code': 1, 'token:refresh_token': 2, 'data:limits': 1 })
    fake.log.clear()
    expect([fake.log.entries, fake.log.counts]).toEqual([[], {}])
  })

  it('is bounded', () => {
    const entry = {
      at: 0,
      method: 'GET',
      host: '',
      path: '',
      status: 200,
      endpoint: 'x',
      bearer: 'none',
      headerNames: [],
      sforceHeaders: {},
      bodyBytes: 0,
    } as const
    for (let i = 0; i < 5100; i++) fake.log.add({ ...entry, headerNames: [], at: i })
    expect([fake.log.entries.length, fake.log.entries.at(-1)?.at]).toEqual([5000, 5099])
  })
})

describe('the same seed', () => {
  it('gives the same keys, secrets and tokens', async () => {
    const options = { clock: STOPPED_CLOCK, randomSeed: 'x' }
    const [one, two] = [await startFakeSalesforce(options), await startFakeSalesforce(options)]
    const [{ id_token: _a, ...first }, { id_token: _b, ...second }] = [await connect(one), await connect(two)]
    await Promise.all([one.close(), two.close()])
    expect(first).toEqual(second)
    expect(first['access_token']).not.toBe(tokens['access_token'])
  })
})
