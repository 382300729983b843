import Fastify from 'fastify'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { registerWebApp } from './web-files.ts'

describe('the built apps', () => {
  const app = Fastify()
  const publicUrl = 'https://hawser.example/at/'
  beforeAll(() => {
    registerWebApp(app, { name: 'dashboard', path: '/dashboard/', embeddable: false, publicUrl })
    registerWebApp(app, { name: 'connect', path: '/connect-ui/', embeddable: true, publicUrl })
  })
  afterAll(() => app.close())

  it('serves the page with a strict policy and without storing it', async () => {
    const page = await app.inject('/dashboard/')
    expect(page.statusCode).toBe(200)
    expect(page.body).toContain('<div id="root">')
    expect(page.body).toContain('<base href="/at/dashboard/" />')
    expect(page.headers['content-security-policy']).toContain("script-src 'self'; style-src 'self'")
    expect(page.headers['content-security-policy']).toContain("frame-ancestors 'none'")
    expect(page.headers['cache-control']).toBe('no-cache')
  })

  it.each(['/dashboard/', '/dashboard/index.html', '/dashboard/sign-in', '/dashboard/settings/keys', '/dashboard/connections/a/b?x=1'])(
    '15. clickjacking: %s stands in no frame, and runs no script but its own',
    async (path) => {
      const page = await app.inject(path)
      expect(page.statusCode).toBe(200)
      const policy = new Map(
        String(page.headers['content-security-policy'])
          .split('; ')
          .map((one) => [one.split(' ')[0]!, one.split(' ').slice(1).join(' ')]),
      )
      expect(Object.fromEntries(policy)).toEqual({
        'default-src': "'none'",
        'script-src': "'self'",
        'style-src': "'self'",
        'img-src': "'self' data:",
        'font-src': "'self'",
        'connect-src': "'self'",
        'base-uri': "'self'",
        'form-action': "'none'",
        'frame-src': "'self'",
        'frame-ancestors': "'none'",
      })
      expect(page.headers['x-frame-options']).toBe('DENY')
      expect(page.headers['x-content-type-options']).toBe('nosniff')
      expect(page.headers['referrer-policy']).toBe('no-referrer')
      expect(page.body).not.toMatch(/<script(?![^>]* src=)|\son[a-z]+=|style="/)
    },
  )

  it('lets only the Connect UI stand in a frame', async () => {
    const page = await app.inject('/connect-ui/')
    expect(page.headers['content-security-policy']).not.toContain('frame-ancestors')
  })

  it('serves files with a digest in their name for a year, compressed ahead', async () => {
    const page = await app.inject('/dashboard/')
    const script = /src="\.\/(assets\/[^"]+)"/.exec(page.body)?.[1]
    const file = await app.inject({ url: `/dashboard/${script}`, headers: { 'accept-encoding': 'br' } })
    expect(file.headers['cache-control']).toBe('public, max-age=31536000, immutable')
    expect(file.headers['content-encoding']).toBe('br')
    expect(file.headers['content-type']).toMatch(/javascript/)
    const plain = await app.inject({ url: `/dashboard/${script}`, headers: { 'accept-encoding': 'br;q=0, gzip;q=0.0' } })
    expect(plain.headers['content-encoding']).toBeUndefined()
    expect(plain.rawPayload.length).toBeGreaterThan(file.rawPayload.length)
  })

  it('adds the missing slash relatively, and keeps the query', async () => {
    const redirect = await app.inject('/connect-ui?session_token=x')
    expect(redirect.statusCode).toBe(308)
    expect(redirect.headers['location']).toBe('connect-ui/?session_token=x')
  })

  it('gives deep links the page, but missing files a 404', async () => {
    expect((await app.inject('/dashboard/connections/abc')).body).toContain('<div id="root">')
    expect((await app.inject('/dashboard/assets/gone.js')).statusCode).toBe(404)
  })

  it('does not leave its folder', async () => {
    for (const path of ['/dashboard/..%2f..%2fpackage.json', '/dashboard/%2e%2e/%2e%2e/package.json', '/dashboard/../built-from'])
      expect((await app.inject(path)).body).not.toMatch(/"name"|^[0-9a-f]{64}$/)
  })
})
