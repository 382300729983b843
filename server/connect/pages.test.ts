import Fastify, { type FastifyInstance } from 'fastify'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { errors, fail, type ErrorCode, type Failure } from '@hawser/api/errors.ts'
import { errorRowById } from '@hawser/salesforce/errors/find-diagnosis.ts'
import { toDiagnosis } from '#diagnosis/diagnose.ts'
import { bindBrowser, isSameBrowser } from './browser-cookie.ts'
import { sendFailurePage, sendSuccessPage } from './callback-page.ts'
import { canTryAgain, diagnosisOf } from './failed-sign-in.ts'
import { browserFile, jsonForScript } from './html.ts'
import { INSTALL_CODES } from './install-link.ts'
import { hashOf } from './pending-oauth.ts'

const publicUrl = 'https://hawser.example.com'
const attempt = { sessionId: 's', integrationKey: 'sf', wsClientId: undefined, mode: 'popup' as const }
const INSTALL = 'https://login.salesforce.com/packaging/installPackage.apexp?p0=04t000000000001AAA&x="><script>'
const nasty = `</script><script>alert(1)</script><img src=x onerror=alert(1)> "' &`

let app: FastifyInstance
beforeAll(async () => {
  app = Fastify()
  app.get('/ok', async (_request, reply) => sendSuccessPage(reply, publicUrl, attempt))
  app.get('/page', async (_request, reply) => sendSuccessPage(reply, publicUrl, { ...attempt, mode: 'page' }))
  app.get('/bad', async (_request, reply) => sendFailurePage(reply, publicUrl, attempt, fail('callback_err', { message: nasty })))
  app.get('/diagnosed', async (_request, reply) => {
    const diagnosis = {
      code: nasty,
      class: nasty,
      title: nasty,
      cause: nasty,
      fix: [nasty],
      end_user_text: nasty,
      confidence: 'V',
      source: nasty,
    }
    return sendFailurePage(reply, publicUrl, attempt, fail('callback_err', { diagnosis }))
  })
  app.get('/admin', async (_request, reply) => {
    const row = errorRowById('app-must-be-installed')!
    return sendFailurePage(reply, publicUrl, attempt, fail('callback_err', { diagnosis: toDiagnosis(row) }), INSTALL)
  })
  app.get('/bad-link', async (_request, reply) =>
    sendFailurePage(reply, publicUrl, attempt, fail('callback_err'), 'javascript:alert(1)//https://'),
  )
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
    const script = browserFile('callback.js')
    expect((await get('/page')).body).toContain('"mode":"page"')
    expect(script).toContain("if (isHosted() && data.mode === 'page') location.replace(data.hostedPage)")
    expect((await get('/ok')).body).toContain('<p id="back" hidden>')
    expect(script).toContain("if (isHosted() && data.mode !== 'popup')")
    expect((await get('/page')).body).toContain('"hostedPage":"/connect-ui/#result"')
  })
})

describe('a failure that an administrator ends', () => {
  it('says whom to ask, what to show them, and where the app is installed', async () => {
    const { body } = await get('/admin')
    expect(body).toContain('Ask your Salesforce administrator.')
    expect(body).toContain(
      'href="https://login.salesforce.com/packaging/installPackage.apexp?p0=04t000000000001AAA&amp;x=&quot;&gt;&lt;script&gt;"',
    )
    expect(body).toContain('rel="noopener noreferrer"')
    expect(body.indexOf('Ask your')).toBeLessThan(body.indexOf('Technical details'))
    expect(body.match(/<li>/g)?.length).toBeGreaterThan(0)
  })

  it('15. follows no link but a plain https one', async () => {
    expect((await get('/bad-link')).body).not.toContain('javascript:')
  })

  it('is recognised by codes that exist', () => {
    for (const code of INSTALL_CODES) expect(errorRowById(code)).toBeDefined()
  })
})

describe('15. all pages', () => {
  it.each(['/bad', '/diagnosed'])('%s runs nothing of what a provider wrote', async (path) => {
    const { body } = await get(path)
    expect(body.match(/<script/g)).toHaveLength(2)
    expect(body).not.toContain('<img')
    expect(body).not.toContain('alert(1)</script>')
  })

  it.each(['/ok', '/bad'])('%s allows scripts and styles by a fresh nonce, and no third party', async (path) => {
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
    // Else the browser asks for /favicon.ico.
    expect(one.body).toContain('<link rel="icon" href="data:,">')
    expect(policy).toContain('img-src data:')
    expect(one.body).toContain('<html lang="en"')
    expect(one.body.match(/<h1/g)).toHaveLength(1)
  })

  it('cannot be framed', async () => {
    expect((await get('/ok')).headers['content-security-policy']).toContain("frame-ancestors 'none'")
  })

  it('write texts as text, never as HTML', () => {
    expect(browserFile('callback.js')).not.toMatch(/innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(/)
  })

  it('JSON in a script cannot end it', () => {
    const text = jsonForScript({ a: '</script><!--\u2028' })
    expect(text).not.toContain('<')
    expect(JSON.parse(text)).toEqual({ a: '</script><!--\u2028' })
  })
})

describe('what a failed sign-in says', () => {
  const said = (failure: Failure) => diagnosisOf(failure)

  it('is never empty, whatever the code, and never the engineer’s words', () => {
    for (const code of Object.keys(errors) as ErrorCode[]) {
      const diagnosis = said(fail(code))
      expect(diagnosis.code).toBe(code)
      expect(diagnosis.end_user_text, code).toMatch(/^[A-Z].*\.$/)
      expect(diagnosis.end_user_text, code).not.toMatch(/[`_*]|integration|provider|token|session/i)
    }
  })

  it.each([
    ['unknown_connect_session_token', false],
    ['missing_client_id', false],
    ['url_param_err', false],
    ['state_err', true],
    ['server_error', true],
  ] as const)('%s can be tried again: %s', (code, again) => expect(canTryAgain(said(fail(code)))).toBe(again))

  it('is the reason of a mistyped field, and only of such', () => {
    const mistyped = (code: string) =>
      fail('url_param_err', { message: 'Type it so.', errors: [{ code, message: 'x', path: ['params', 'a'] }] })
    expect(said(mistyped('invalid'))).toMatchObject({ class: 'user', end_user_text: 'Type it so.' })
    expect(said(mistyped('forbidden'))).toMatchObject({ class: 'config', end_user_text: expect.stringContaining('on our side') })
  })

  it('is the given diagnosis where there is one', () => {
    const diagnosis = { code: 'given' }
    expect(said(fail('callback_err', { diagnosis }))).toBe(diagnosis)
  })
})

describe('the colours', () => {
  const css = browserFile('page.css')
  const schemes = css
    .split(/(?=--ink)/)
    .slice(1, 3)
    .map((block) => Object.fromEntries([...block.matchAll(/--(\w+): (#[0-9a-f]+)/g)].map(([, name, value]) => [name, value!])))

  it('are those of two blocks: light and dark', () => {
    expect(schemes).toHaveLength(2)
    expect(Object.keys(schemes[0] ?? {})).toEqual(Object.keys(schemes[1] ?? {}))
  })

  it.each([
    ['ink', 'card'],
    ['ink', 'paper'],
    ['soft', 'card'],
    ['soft', 'paper'],
    ['strong', 'card'],
    ['onstrong', 'strong'],
    ['bad', 'card'],
    ['good', 'card'],
  ])('have a contrast of 4.5 at least: %s on %s', (text, ground) => {
    for (const scheme of schemes) expect(contrast(scheme[text] ?? '', scheme[ground] ?? '')).toBeGreaterThanOrEqual(4.5)
  })
})

/** WCAG 2.2, relative luminance. */
function contrast(one: string, two: string): number {
  const [light = 0, dark = 0] = [one, two].map(luminance).sort((a, b) => b - a)
  return (light + 0.05) / (dark + 0.05)
}

function luminance(color: string): number {
  const digits = color.length === 4 ? [...color.slice(1)].map((digit) => digit + digit) : (color.slice(1).match(/../g) ?? [])
  const [r = 0, g = 0, b = 0] = digits.map((pair) => {
    const part = Number.parseInt(pair, 16) / 255
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4
  })
  return 0.2126 * r + 0.7152 * g + 0.0722 * b
}

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
