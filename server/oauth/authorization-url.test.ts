import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import type { Provider } from '#providers/schema.ts'
import { authorizationUrl, fixedParamsIn, type AuthorizationRequest } from './authorization-url.ts'
import { newPkce } from './pkce.ts'

const provider = {
  name: 'acme',
  display_name: 'Acme',
  auth_mode: 'OAUTH2',
  docs: 'https://docs.example.com',
  categories: [],
  authorization_url: 'https://acme.example.com/authorize?tenant=1',
  authorization_params: { prompt: 'login', hint: '${connectionConfig.hint}' },
} as Provider

const request: AuthorizationRequest = {
  provider,
  clientId: 'id',
  redirectUri: 'https://hawser.example.com/oauth/callback',
  scopes: ['api', 'offline_access'],
  state: 'the-state',
  challenge: 'the-challenge',
  connectionConfig: {},
  extraParams: {},
}

const paramsOf = (change: Partial<AuthorizationRequest>) => {
  const result = authorizationUrl({ ...request, ...change })
  if (!result.ok) throw new Error(result.reason)
  return Object.fromEntries(result.url.searchParams)
}

describe('the authorization URL', () => {
  it('has what RFC 6749 and RFC 7636 ask for, and the entry’s own parameters', () => {
    expect(paramsOf({})).toEqual({
      tenant: '1',
      prompt: 'login',
      client_id: 'id',
      redirect_uri: request.redirectUri,
      response_type: 'code',
      scope: 'api offline_access',
      state: 'the-state',
      code_challenge: 'the-challenge',
      code_challenge_method: 'S256',
    })
  })

  it('takes further parameters, and takes one of the entry out for the text `undefined`', () => {
    expect(paramsOf({ extraParams: { login_hint: 'a b&c', prompt: 'undefined' } })).toMatchObject({ login_hint: 'a b&c' })
    expect(paramsOf({ extraParams: { prompt: 'undefined' } })).not.toHaveProperty('prompt')
  })

  it('11. no parameter from outside replaces client, redirect URI, state or PKCE', () => {
    const evil = {
      client_id: 'x',
      redirect_uri: 'https://evil.example',
      state: 'x',
      code_challenge: 'x',
      code_challenge_method: 'plain',
      response_type: 'token',
      request_uri: 'https://evil.example',
      Redirect_Uri: 'x',
    }
    expect(fixedParamsIn(evil)).toEqual(Object.keys(evil))
    expect(paramsOf({ extraParams: evil })).toEqual(paramsOf({}))
  })

  it('separates scopes as the provider wants', () => {
    expect(paramsOf({ provider: { ...provider, scope_separator: ',' } })['scope']).toBe('api,offline_access')
  })
})

describe('PKCE', () => {
  it('11. is S256 over a verifier that Salesforce takes (no tilde), new each time', () => {
    const made = Array.from({ length: 50 }, () => newPkce())
    expect(new Set(made.map(({ verifier }) => verifier)).size).toBe(50)
    for (const { verifier, challenge } of made) {
      expect(verifier).toMatch(/^[A-Za-z0-9_-]{43,128}$/)
      expect(challenge).toBe(createHash('sha256').update(verifier).digest('base64url'))
    }
  })
})
