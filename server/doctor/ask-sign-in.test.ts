import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createEgress, type Egress } from '#egress/dispatcher.ts'
import { askSignIn } from './ask-sign-in.ts'

const CALLBACK = 'https://app.example.com/oauth/callback'
let answer: { status: number; location?: string; body?: string } = { status: 200 }
let origin = ''
let egress: Egress

const server = createServer((_request, response) => {
  response.writeHead(answer.status, {
    'content-type': 'text/html',
    ...(answer.location === undefined ? {} : { location: answer.location }),
  })
  response.end(answer.body ?? '')
})

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  origin = `http://127.0.0.1:${port}`
  egress = createEgress({ trustedHosts: [{ host: '127.0.0.1', port }], onBlocked: () => {} })
})
afterAll(async () => {
  await egress.close(0)
  server.close()
})

async function told(given: typeof answer): Promise<string> {
  answer = given
  const found = await askSignIn(egress, new URL(`${origin}/services/oauth2/authorize?client_id=x`), CALLBACK)
  return found.outcome === 'accepted' ? 'accepted' : `${found.outcome} ${found.diagnosis?.code ?? '-'}`
}

describe('the answer of a sign-in page', () => {
  it.each([
    ['the consent page', { status: 302, location: '/setup/secur/RemoteAccessAuthorizationPage.apexp?source=CAAAA' }],
    [
      'a login with a place to go on',
      { status: 302, location: '/?ec=302&startURL=%2Fsetup%2Fsecur%2FRemoteAccessAuthorizationPage.apexp' },
    ],
    ['a login at the My Domain', { status: 302, location: 'https://acme.my.salesforce.com/?startURL=%2Fx' }],
    ['a login page', { status: 200, body: '<form><input type="email" name="username" id="username"><input name="pw"></form>' }],
    ['a redirect by script', { status: 200, body: `<script>window.location.replace('/?ec=302&startURL=%2Fsetup');</script>` }],
    ['a callback with a code', { status: 302, location: `${CALLBACK}?code=aPrx&state=s` }],
  ])('%s means that client id and callback were taken', async (_, given) => expect(await told(given)).toBe('accepted'))

  it.each([
    ['text', { status: 400, body: 'error=invalid_client_id&error_description=client%20identifier%20invalid' }, 'client-id-unknown'],
    [
      'a page',
      { status: 200, body: '<p>error=redirect_uri_mismatch&amp;error_description=redirect_uri%20must%20match%20configuration</p>' },
      'redirect-uri-mismatch',
    ],
    [
      'the callback',
      { status: 302, location: `${CALLBACK}?error=invalid_scope&error_description=the%20requested%20scope%20is%20not%20allowed` },
      'scope-refused',
    ],
    ['its error page', { status: 302, location: '/setup/secur/RemoteAccessErrorPage.apexp?error=OAUTH_APP_BLOCKED' }, 'app-blocked'],
    [
      'its error page behind a login',
      { status: 302, location: '/?startURL=%2Fsetup%2Fsecur%2FRemoteAccessErrorPage.apexp%3Ferror%3DOAUTH_APP_BLOCKED' },
      'app-blocked',
    ],
  ])('an error in %s is read', async (_, given, code) => expect(await told(given)).toBe(`refused ${code}`))

  it.each([
    ['an empty page', { status: 200 }, '-'],
    ['a page of somebody else', { status: 200, body: '<h1>Welcome to the hotel network</h1>' }, '-'],
    ['a redirect elsewhere', { status: 302, location: 'https://portal.example.com/login' }, '-'],
    ['a callback without anything', { status: 302, location: CALLBACK }, '-'],
    ['an outage', { status: 503, body: 'error=invalid_client_id' }, 'token-server-error'],
  ])('%s says nothing', async (_, given, code) => expect(await told(given)).toBe(`unclear ${code}`))

  it('that never comes is told as what the network did', async () => {
    const away = new URL('http://127.0.0.1:1/services/oauth2/authorize')
    const reachable = createEgress({ trustedHosts: [{ host: '127.0.0.1', port: 1 }], onBlocked: () => {} })
    expect(await askSignIn(reachable, away, CALLBACK)).toMatchObject({
      outcome: 'unclear',
      diagnosis: { code: 'network-refused', actor: 'salesforce', evidence: { host: '127.0.0.1:1' } },
    })
    expect(await askSignIn(egress, away, CALLBACK)).toMatchObject({
      outcome: 'unclear',
      diagnosis: { code: 'egress_refused', actor: 'developer' },
    })
    await reachable.close(0)
  })
})
