import { afterEach, describe, expect, it } from 'vitest'
import { closeAll, startRig, startUpstream } from './proxy-rig.ts'
import { callGateway, callProxy } from './raw-calls.ts'

afterEach(closeAll)

async function twoHosts(status = 302) {
  const other = await startUpstream((_request, response) => response.end('from the other host'))
  const upstream = await startUpstream((request, response) => {
    const { searchParams, pathname } = new URL(request.url ?? '', 'http://x')
    const to = searchParams.get('to')
    if (pathname === '/loop') response.writeHead(status, { location: '/loop' }).end()
    else if (to !== null) response.writeHead(status, { location: to }).end('moved')
    else response.end(`${request.method} ${request.url} ${request.headers.authorization}`)
  })
  return { other, upstream, rig: await startRig({ upstream, trusted: [other.port] }) }
}
const to = (url: string): string => `/?to=${encodeURIComponent(url)}`

describe('/proxy', () => {
  it.each([301, 302, 303, 307, 308])('follows %i on the same origin, with credentials', async (status) => {
    const { rig } = await twoHosts(status)
    expect((await callProxy(rig, to('/b?c=%2F'))).text).toBe('GET /b?c=%2F Bearer token-1')
  })

  it('security 3: follows to another origin without credentials', async () => {
    const { rig, other } = await twoHosts()
    const answer = await callProxy(rig, to(`${other.origin}/file?sig=1`), {
      headers: { accept: 'text/csv', 'nango-proxy-x-mine': 'a', 'sforce-call-options': 'x' },
    })
    expect(answer.text).toBe('from the other host')
    const { headers, url } = other.seen[0]!
    expect(url).toBe('/file?sig=1')
    expect(headers).toMatchObject({ accept: 'text/csv', host: `127.0.0.1:${other.port}` })
    for (const name of ['authorization', 'x-mine', 'sforce-call-options', 'cookie']) expect(headers).not.toHaveProperty(name)
  })

  it('security 3: gives no credentials on the way back either', async () => {
    const { rig, upstream } = await twoHosts()
    const bouncing = await startUpstream((_request, response) => response.writeHead(302, { location: `${upstream.origin}/back` }).end())
    const trusting = await startRig({ upstream, trusted: [bouncing.port] })
    expect((await callProxy(trusting, to(bouncing.origin))).text).toBe('GET /back undefined')
    void rig
  })

  it('security 17: a redirect to a private address is refused by the guard', async () => {
    const { upstream } = await twoHosts()
    const inside = await startUpstream((_request, response) => response.end('metadata'))
    const rig = await startRig({ upstream })
    const answer = await callProxy(rig, to(inside.origin))
    expect([answer.status, answer.error().code]).toEqual([400, 'egress_refused'])
    expect(inside.seen).toEqual([])
  })

  it('security 20: follows five at most, then passes the redirect on', async () => {
    const { rig, upstream } = await twoHosts()
    const answer = await callProxy(rig, '/loop')
    expect([answer.status, answer.headers.location, upstream.seen.length]).toEqual([302, '/loop', 6])
  })

  it.each(['file:///etc/passwd', 'http://[', 'http://user:pass@host/', 'javascript:alert(1)'])(
    'passes on a redirect to %s',
    async (url) => {
      const { rig } = await twoHosts()
      expect(await callProxy(rig, to(url))).toMatchObject({ status: 302, text: 'moved' })
    },
  )

  it('does not follow for methods with effects', async () => {
    const { rig, upstream } = await twoHosts(307)
    expect((await callProxy(rig, to('/b'), { method: 'POST', body: 'x' })).status).toBe(307)
    expect(upstream.seen.length).toBe(1)
  })
})

describe('the gateway', () => {
  it('passes redirects on, leading to itself where they stay with the provider', async () => {
    const { rig, other, upstream } = await twoHosts()
    expect((await callGateway(rig, to(`${upstream.origin}/b?c`))).headers.location).toMatch(/^http:\/\/localhost:\d+\/b\?c$/)
    expect((await callGateway(rig, to('/b'))).headers.location).toBe('/b')
    expect((await callGateway(rig, to(other.origin))).headers.location).toBe(other.origin)
    expect(other.seen).toEqual([])
  })
})
