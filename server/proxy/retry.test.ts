import { fail, type Failure } from '@hawser/api/errors.ts'
import { afterEach, describe, expect, it } from 'vitest'
import type { Provider } from '#providers/provider.ts'
import { closeAll, startRig, startUpstream } from './proxy-rig.ts'
import { KEY, callProxy } from './raw-calls.ts'
import type { RetryRules } from './retry.ts'
import { waitAfterError, waitAfterStatus } from './retry.ts'

afterEach(closeAll)

const now = Date.UTC(2026, 10, 23)
const rules = (more: Partial<RetryRules> = {}): RetryRules => ({
  method: 'GET',
  left: 3,
  attempt: 0,
  retryOn: undefined,
  provider: {} as Provider,
  now,
  deadlineAt: now + 60_000,
  random: () => 1,
  ...more,
})
const withHints = (retry: NonNullable<NonNullable<Provider['proxy']>['retry']>): Provider => ({ proxy: { retry } }) as Provider

describe('waitAfterStatus', () => {
  it.each([500, 502, 503, 429])('GET %i', (status) => expect(waitAfterStatus(status, {}, rules())).toBe(1000))
  it.each([200, 301, 400, 401, 403, 404])('not GET %i', (status) => expect(waitAfterStatus(status, {}, rules())).toBeUndefined())
  it.each(['POST', 'PATCH'])('not %s 503, unless Retry-On names it', (method) => {
    expect(waitAfterStatus(503, {}, rules({ method }))).toBeUndefined()
    expect(waitAfterStatus(503, {}, rules({ method, retryOn: [503] }))).toBe(1000)
    expect(waitAfterStatus(502, {}, rules({ method, retryOn: [503] }))).toBeUndefined()
  })
  it('never without attempts left', () => expect(waitAfterStatus(503, {}, rules({ left: 0, retryOn: [503] }))).toBeUndefined())
  it('doubles, up to half a minute, and halves by chance', () => {
    expect([0, 1, 2, 3, 10].map((attempt) => waitAfterStatus(503, {}, rules({ attempt })))).toEqual([1000, 2000, 4000, 8000, 30_000])
    expect(waitAfterStatus(503, {}, rules({ random: () => 0 }))).toBe(500)
  })
  it.each([
    ['7', 7000],
    [new Date(now + 9000).toUTCString(), 9000],
    ['0', 0],
  ])('Retry-After: %s', (text, wait) => expect(waitAfterStatus(503, { 'retry-after': text }, rules())).toBe(wait))
  it('passes the answer on where the wait would go past the deadline', () =>
    expect(waitAfterStatus(503, { 'retry-after': '60' }, rules())).toBeUndefined())
  it('ignores a Retry-After that is neither', () => expect(waitAfterStatus(503, { 'retry-after': 'soon' }, rules())).toBe(1000))

  it('reads the provider’s hints, the longest wait wins', () => {
    const provider = withHints({ after: ['x-wait'], at: 'X-Reset', error_code: ['403', '5xx', '420-422'], remaining: 'x-left' })
    expect(waitAfterStatus(403, { 'x-wait': '3', 'x-reset': String(now / 1000 + 5) }, rules({ provider }))).toBe(5000)
    expect(waitAfterStatus(403, { 'x-reset': String(now + 4000) }, rules({ provider }))).toBe(4000)
    expect(waitAfterStatus(403, { 'x-reset': new Date(now + 6000).toISOString() }, rules({ provider }))).toBe(6000)
    expect(waitAfterStatus(503, {}, rules({ provider }))).toBe(1000)
    expect(waitAfterStatus(421, {}, rules({ provider }))).toBe(1000)
    // The entry's codes replace the usual ones.
    expect(waitAfterStatus(429, {}, rules({ provider }))).toBeUndefined()
    expect(waitAfterStatus(429, { 'x-left': '0' }, rules({ provider }))).toBe(1000)
  })
})

describe('waitAfterError', () => {
  const error = (kind: 'reset' | 'refused' | 'blocked', sent: boolean) => ({ kind, sent, text: '' })
  it('repeats any method that was not sent', () => expect(waitAfterError(error('refused', false), rules({ method: 'POST' }))).toBe(1000))
  it('repeats what may have been sent only where that does no harm', () => {
    expect(waitAfterError(error('reset', true), rules({ method: 'PUT' }))).toBe(1000)
    expect(waitAfterError(error('reset', true), rules({ method: 'POST' }))).toBeUndefined()
  })
  it('does not knock on closed doors', () => expect(waitAfterError(error('blocked', false), rules())).toBeUndefined())
})

describe('through the proxy', () => {
  const failing = (times: number, status = 503) => {
    let count = 0
    return startUpstream((_request, response) =>
      response.writeHead(count++ < times ? status : 200, { 'retry-after': '0' }).end('x'.repeat(count)),
    )
  }

  it('retries as often as asked, and passes the last answer on', async () => {
    const upstream = await failing(2)
    const rig = await startRig({ upstream })
    expect(await callProxy(rig, '/', { headers: { retries: '2' } })).toMatchObject({ status: 200, text: 'xxx' })
    const other = await failing(9)
    const second = await startRig({ upstream: other })
    expect(await callProxy(second, '/', { headers: { retries: '2' } })).toMatchObject({ status: 503, text: 'xxx' })
    expect(other.seen.length).toBe(3)
  })

  it('does not retry unasked, nor a POST; sends the body of a POST that Retry-On allows again', async () => {
    const upstream = await failing(1)
    const rig = await startRig({ upstream })
    expect((await callProxy(rig, '/')).status).toBe(503)
    const post = await failing(1)
    const second = await startRig({ upstream: post })
    expect((await callProxy(second, '/', { method: 'POST', body: 'x', headers: { retries: '3' } })).status).toBe(503)
    const allowed = await failing(1)
    const third = await startRig({ upstream: allowed })
    expect((await callProxy(third, '/', { method: 'POST', body: 'x', headers: { retries: '3', 'retry-on': '429,503' } })).status).toBe(200)
    expect(allowed.seen.map((seen) => seen.headers['content-length'])).toEqual(['1', '1'])
  })

  it('security 20: at most ten', async () => {
    const upstream = await failing(99)
    const rig = await startRig({ upstream })
    const answer = await callProxy(rig, '/', { headers: { retries: '11' } })
    expect([answer.status, answer.error().code]).toEqual([400, 'invalid_headers'])
    expect(answer.error().errors?.[0]?.path).toEqual(['retries'])
    expect((await callProxy(rig, '/', { headers: { retries: '10' } })).status).toBe(503)
    expect(upstream.seen.length).toBe(11)
  })

  it('the kill switch ends a call between two attempts', async () => {
    let stopped: Failure | undefined
    const upstream = await startUpstream((_request, response) => {
      stopped = fail('frozen')
      response.writeHead(503, { 'retry-after': '0' }).end()
    })
    const rig = await startRig({ upstream, stopped: () => stopped })
    expect((await callProxy(rig, '/', { headers: { retries: '3' } })).status).toBe(423)
    expect(upstream.seen.length).toBe(1)
  })

  it('the kill switch ends a call before a redirect is followed', async () => {
    let stopped: Failure | undefined
    const upstream = await startUpstream((_request, response) => {
      stopped = fail('frozen')
      response.writeHead(302, { location: '/next' }).end()
    })
    const rig = await startRig({ upstream, stopped: () => stopped })
    expect((await callProxy(rig, '/')).status).toBe(423)
    expect(upstream.seen.length).toBe(1)
  })

  it('a wait ends with the caller', async () => {
    const upstream = await startUpstream((_request, response) => response.writeHead(503, { 'retry-after': '50' }).end())
    const rig = await startRig({ upstream })
    const abort = new AbortController()
    const calling = fetch(`${rig.api}/proxy/x`, {
      headers: { authorization: KEY, 'provider-config-key': 'salesforce', 'connection-id': 'acme', retries: '1' },
      signal: abort.signal,
    }).catch((error: Error) => error.name)
    await expect.poll(() => upstream.seen.length).toBe(1)
    abort.abort()
    expect(await calling).toBe('AbortError')
    await expect.poll(() => rig.proxy.counts().open).toBe(0)
  })
})
