/** For tests: what a provider's token endpoint answers. */
import { newId } from '#lib/ids.ts'
import type { TokenFailure, TokenOutcome } from '#oauth/token-response.ts'

/** A provider's token endpoint. With rotation a refresh token that was used before ends the whole family, as Salesforce does. */
export interface TokenEndpoint {
  requests: string[]
  rotates: boolean
  expiresInMs: number | undefined
  extra: Record<string, unknown>
  revoked: boolean
  current: string
  /** Answers of the next requests, in their order, in place of the usual ones. */
  script: (() => Promise<TokenOutcome>)[]
  answer(refreshToken: string): Promise<TokenOutcome>
  usual(refreshToken: string): TokenOutcome
}

export function createTokenEndpoint(clock: { now(): number }): TokenEndpoint {
  let count = 0
  const endpoint: TokenEndpoint = {
    requests: [],
    rotates: true,
    expiresInMs: 3_600_000,
    extra: {},
    revoked: false,
    current: `rt-${newId()}`,
    script: [],
    async answer(refreshToken) {
      endpoint.requests.push(refreshToken)
      const scripted = endpoint.script.shift()
      return scripted ? scripted() : endpoint.usual(refreshToken)
    },
    usual(refreshToken) {
      if (endpoint.rotates && refreshToken !== endpoint.current) endpoint.revoked = true
      if (endpoint.revoked) return refused('invalid_grant')
      count += 1
      if (endpoint.rotates) endpoint.current = `rt-${newId()}`
      const raw = { access_token: `at-${count}`, ...(endpoint.rotates ? { refresh_token: endpoint.current } : {}), ...endpoint.extra }
      const ends = endpoint.expiresInMs === undefined ? {} : { expires_at: new Date(clock.now() + endpoint.expiresInMs).toISOString() }
      return { ok: true, tokens: { ...raw, ...ends, raw } }
    },
  }
  return endpoint
}

export function refused(error: string, status = 400): TokenOutcome {
  return { ok: false, failure: { status, error, sent: true, bodyKind: 'json' } }
}

export function failed(failure: Partial<TokenFailure>): TokenOutcome {
  return { ok: false, failure: { sent: true, bodyKind: 'none', ...failure } }
}
