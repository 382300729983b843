import Fastify, { type FastifyInstance } from 'fastify'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { fail } from '@hawser/api/errors.ts'
import { bindBrowser, isSameBrowser } from './browser-cookie.ts'
import { sendFailurePage, sendSuccessPage } from './callback-page.ts'
import { connectPage } from './connect-page.ts'
import { browserFile, jsonForScript } from './html.ts'
import { hashOf } from './pending-oauth.ts'

const publicUrl = 'https://hawser.example.com'
const attempt = { sessionId: 's', integrationKey: 'sf', wsClientId: undefined, mode: 'popup' as const }
const nasty = `</script><script>alert(1)</script><img src=x onerror=alert(1)> "' &`

let app: FastifyInstance
beforeAll(async () => {
  app = Fastify()
  app.get('/ok', async (_request, reply) => sendSuccessPage(reply, publicUrl, attempt))
  app.get('/page', async (_request, reply) => sendSuccessPage(reply, publicUrl, { ...attempt, mode: 'page' }))
  app.get('/bad', async (_request, reply) => sendFailurePage(reply, publicUrl, attempt, fail('callback_err', { message: nasty })))
  app.get('/diagnosed', async (_request, reply) => {
    const diagnosis = {
      id: nasty,
      class: nasty,
      title: nasty,
      cause: nasty,
      fix: nasty,
      end_user_text: nasty,
      confidence: 'V',
      source: nasty,
    }
    return sendFailurePage(reply, publicUrl, attempt, fail('callback_err', { diagnosis }))
  })
  app.get('/connect-ui/', connectPage())
  app.get('/bind', async (request, reply) => ({ hash: bindBrowser(request, reply, publicUrl).toString('hex') }))
  app.get('/same', async (request) => ({ same: isSameBrowser(request, publicUrl, hashOf('v'.repeat(43))) }))
  await app.ready()
})
afterAll(() => app.close())

const get = async (path: string, headers: Record<string, string> = {}) => app.inject({ url: path, headers })

describe('16. the callback page', () => {
  it('posts to the public URL’s origin only, never to everybody', async () => {
    expect((await get('/ok')).body).toContain(`"targetOrigin":"${publicUrl}"`)
    const script = browserFile('callback.js')
    expect(script).not.toMatch(/postMessage\([^)]*['"]\*['"]/)
    expect(script.match(/opener\.postMessage\([^)]*\)/g)).toEqual(['opener.postMessage(data.message, data.targetOrigin)'])
    expect(script).toContain('event.origin === data.targetOrigin')
  })

  it('speaks the stock client’s message types', async () => {
    expect((await get('/ok')).body).toContain('"type":"nango_oauth_callback_success"')
    expect((await get('/bad')).body).toContain('"type":"nango_oauth_callback_error"')
  })

  it('offers the way back only in a tab of its own', async () => {
    expect((await get('/page')).body).toContain('href="/connect-ui/"')
    expect((await get('/ok')).body).not.toContain('href="/connect-ui/"')
  })
})

describe('15. all pages', () => {
  it.each(['/bad', '/diagnosed'])('%s runs nothing of what a provider wrote', async (path) => {
    const { body } = await get(path)
    expect(body.match(/<script/g)).toHaveLength(2)
    expect(body).not.toContain('<img')
    expect(body).not.toContain('alert(1)</script>')
  })

  it.each(['/ok', '/bad', '/connect-ui/'])('%s allows scripts and styles by a fresh nonce, and no third party', async (path) => {
    const [one, two] = [await get(path), await get(path)]
    const policy = String(one.headers['content-security-policy'])
    const nonce = /script-src 'nonce-([^']+)'/.exec(policy)?.[1]
    expect(policy).toContain("default-src 'none'")
    expect(policy).not.toMatch(/unsafe|https?:|\*/)
    expect(one.body.match(/<script type="module" nonce="([^"]+)"/)?.[1]).toBe(nonce)
    expect(String(two.headers['content-security-policy'])).not.toContain(nonce)
    expect(one.headers).toMatchObject({
      'referrer-policy': 'no-referrer',
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
    })
    expect(one.body).not.toMatch(/(src|href)="https?:/)
  })

  it('only the hosted page may be framed', async () => {
    expect((await get('/ok')).headers['content-security-policy']).toContain("frame-ancestors 'none'")
    expect((await get('/connect-ui/')).headers['content-security-policy']).not.toContain('frame-ancestors')
  })

  it('JSON in a script cannot end it', () => {
    const text = jsonForScript({ a: '</script><!--\u2028' })
    expect(text).not.toContain('<')
    expect(JSON.parse(text)).toEqual({ a: '</script><!--\u2028' })
  })
})

describe('16. the hosted page in an iframe', () => {
  const script = browserFile('connect-ui.js')

  it('takes its token from its parent only, and answers to that origin', () => {
    expect(script).toContain('event.source !== window.parent')
    expect(script.match(/postMessage\([^)]*'\*'\)/g)).toEqual(["postMessage(message, '*')"])
    expect(script).toContain("message.type === 'ready' || message.type === 'close'")
  })

  it('writes texts as text, never as HTML', () => {
    expect(script).not.toMatch(/innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(/)
  })
})

describe('9. the cookie that binds the browser', () => {
  it('is HttpOnly, Lax, and on https Secure with the __Host- prefix', async () => {
    expect((await get('/bind')).headers['set-cookie']).toMatch(
      /^__Host-hawser_browser=[A-Za-z0-9_-]{43}; Path=\/; Max-Age=3600; HttpOnly; SameSite=Lax; Secure$/,
    )
  })

  it('keeps a browser’s value, and replaces one that nobody here made', async () => {
    const kept = await get('/bind', { cookie: `other=1; __Host-hawser_browser=${'v'.repeat(43)}` })
    expect(kept.json()).toEqual({ hash: hashOf('v'.repeat(43)).toString('hex') })
    expect((await get('/bind', { cookie: '__Host-hawser_browser=short' })).headers['set-cookie']).not.toContain('short')
  })

  it.each([
    [`__Host-hawser_browser=${'v'.repeat(43)}`, true],
    [`__Host-hawser_browser=${'w'.repeat(43)}`, false],
    [`hawser_browser=${'v'.repeat(43)}`, false],
    ['', false],
  ])('%s is the same browser: %s', async (cookie, same) => {
    expect((await get('/same', { cookie })).json()).toEqual({ same })
  })
})
