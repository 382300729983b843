/**
 * The organisation's identity provider: OpenID Connect Core 1.0, authorization code flow with PKCE (RFC 7636) and `iss` (RFC 9207). Its tokens are read
 * once and forgotten. All calls go through the guarded egress; an issuer in a private network needs HAWSER_TRUSTED_HOSTS.
 */
import { hash } from 'node:crypto'
import { createLocalJWKSet, jwtVerify, type JSONWebKeySet, type JWTPayload } from 'jose'
import { z } from 'zod'
import type { Egress } from '#egress/dispatcher.ts'
import { requestSmall, type SmallRequest } from '#egress/small-request.ts'
import type { Clock } from '#lib/clock.ts'

const TIMEOUT_MS = 10_000
const FRESH_MS = 3_600_000
/** Keys are asked for again before that only when an unknown one signed. */
const KEYS_AT_MOST_EVERY_MS = 60_000
/** As long as a session here lasts: whoever asks for a bound is told when the person signed in (OpenID Connect Core 1.0 §3.1.2.1, `auth_time`). */
const MAX_AGE_SECONDS = 7 * 86_400
/** §2: no longer than that. */
const LONGEST_SUBJECT = 255
const LONGEST_EMAIL = 254
const SCOPE = 'openid email profile'
/** Asymmetric ones alone: a token that the client's own secret could sign proves nothing of the issuer. */
const ALGORITHMS = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519']

const https = z.url({ protocol: /^https?$/ })
const discovered = z.object({
  issuer: z.string(),
  authorization_endpoint: https,
  token_endpoint: https,
  jwks_uri: https,
  userinfo_endpoint: https.optional(),
  token_endpoint_auth_methods_supported: z.array(z.string()).optional(),
  authorization_response_iss_parameter_supported: z.boolean().optional(),
})
type Discovered = z.infer<typeof discovered>

export interface OidcOptions {
  egress: Egress
  clock: Clock
  issuer: string
  clientId: string
  clientSecret: string
  redirectUri: string
}

export interface SignInParts {
  state: string
  nonce: string
  verifier: string
}

export interface Identity {
  subject: string
  email: string | undefined
  emailVerified: boolean
  name: string | undefined
  /** When the person signed in there, in ms since 1970; undefined: not said. */
  authenticatedAt: number | undefined
}

/** The identity provider's answer is not to be believed, or there was none. `reason` is for the log; it holds no token. */
export class OidcRefused extends Error {
  override readonly name = 'OidcRefused'
}

export interface OidcClient {
  /** `fresh`: whoever is signed in there has to prove again who she is. */
  authorizationUrl(parts: SignInParts, fresh: boolean): Promise<string>
  /** Throws OidcRefused. */
  identityOf(answer: { code: string; iss: string | undefined }, parts: SignInParts): Promise<Identity>
}

export function createOidcClient(options: OidcOptions): OidcClient {
  const { egress, clock, issuer, clientId, clientSecret, redirectUri } = options
  let metadata: { value: Discovered; at: number } | undefined
  let keys: { value: JSONWebKeySet; at: number } | undefined

  const ask = async (what: string, request: Omit<SmallRequest, 'timeoutMs'>): Promise<unknown> => {
    const answer = await requestSmall(egress, { ...request, timeoutMs: TIMEOUT_MS }).catch((error: unknown) => {
      throw new OidcRefused(`${what}: ${error instanceof Error ? error.message : 'no answer'}`, { cause: error })
    })
    if (answer.status !== 200) throw new OidcRefused(`${what}: status ${answer.status}${errorCodeIn(answer.bodyText)}`)
    try {
      return JSON.parse(answer.bodyText)
    } catch {
      throw new OidcRefused(`${what}: not JSON`)
    }
  }

  const discover = async (): Promise<Discovered> => {
    if (metadata && clock.now() - metadata.at < FRESH_MS) return metadata.value
    const url = `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`
    const read = discovered.safeParse(await ask('discovery', { url, method: 'GET' }))
    if (!read.success) throw new OidcRefused('discovery: an endpoint is missing or malformed')
    // OpenID Connect Discovery 1.0 §4.3.
    if (read.data.issuer !== issuer)
      throw new OidcRefused(`discovery: the issuer calls itself ${JSON.stringify(read.data.issuer.slice(0, 200))}`)
    metadata = { value: read.data, at: clock.now() }
    return read.data
  }

  const keySet = async (uri: string, renew: boolean): Promise<JSONWebKeySet> => {
    const life = renew ? KEYS_AT_MOST_EVERY_MS : FRESH_MS
    if (keys && clock.now() - keys.at < life) return keys.value
    const read = z.object({ keys: z.array(z.looseObject({})).max(100) }).safeParse(await ask('keys', { url: uri, method: 'GET' }))
    if (!read.success) throw new OidcRefused('keys: not a key set')
    keys = { value: read.data as unknown as JSONWebKeySet, at: clock.now() }
    return keys.value
  }

  const verified = async (idToken: string, uri: string): Promise<JWTPayload> => {
    const check = async (renew: boolean) => {
      const set = createLocalJWKSet(await keySet(uri, renew))
      const expected = { issuer, audience: clientId, algorithms: ALGORITHMS, requiredClaims: ['sub', 'exp', 'iat'] }
      return (await jwtVerify(idToken, set, { ...expected, clockTolerance: 60, currentDate: new Date(clock.now()) })).payload
    }
    const unknownKey = (error: unknown) => (error as { code?: string }).code === 'ERR_JWKS_NO_MATCHING_KEY'
    const refused = (error: unknown) =>
      error instanceof OidcRefused
        ? error
        : new OidcRefused(`id token: ${(error as { code?: string }).code ?? 'malformed'}`, { cause: error })
    return check(false).catch((error: unknown) => {
      if (!unknownKey(error)) throw refused(error)
      return check(true).catch((second: unknown) => {
        throw refused(second)
      })
    })
  }

  return {
    async authorizationUrl({ state, nonce, verifier }, fresh) {
      const url = new URL((await discover()).authorization_endpoint)
      const query = {
        ...{ response_type: 'code', client_id: clientId, redirect_uri: redirectUri, scope: SCOPE, state, nonce },
        ...{ code_challenge: hash('sha256', verifier, 'base64url'), code_challenge_method: 'S256' },
        ...(fresh ? { prompt: 'login', max_age: '0' } : { max_age: String(MAX_AGE_SECONDS) }),
      }
      for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value)
      return url.href
    },

    async identityOf({ code, iss }, { nonce, verifier }) {
      const found = await discover()
      if (iss === undefined ? found.authorization_response_iss_parameter_supported === true : iss !== issuer)
        throw new OidcRefused('another issuer answered')
      const basic = (found.token_endpoint_auth_methods_supported ?? ['client_secret_basic']).includes('client_secret_basic')
      const form = new URLSearchParams({ grant_type: 'authorization_code', code, redirect_uri: redirectUri, code_verifier: verifier })
      if (!basic) for (const [name, value] of Object.entries({ client_id: clientId, client_secret: clientSecret })) form.set(name, value)
      // RFC 6749 §2.3.1: both parts form-encoded before they are joined.
      const credentials = [clientId, clientSecret].map((part) => new URLSearchParams({ '': part }).toString().slice(1)).join(':')
      const tokens = z.object({ id_token: z.string().max(20_000), access_token: z.string().optional() }).safeParse(
        await ask('token', {
          url: found.token_endpoint,
          method: 'POST',
          headers: {
            'content-type': 'application/x-www-form-urlencoded',
            accept: 'application/json',
            ...(basic ? { authorization: `Basic ${Buffer.from(credentials).toString('base64')}` } : {}),
          },
          body: form.toString(),
        }),
      )
      if (!tokens.success) throw new OidcRefused('token: no id token')
      const claims = await verified(tokens.data.id_token, found.jwks_uri)
      if (claims['nonce'] !== nonce) throw new OidcRefused('id token: the nonce is another')
      const azp = claims['azp']
      if (azp === undefined ? Array.isArray(claims.aud) && claims.aud.length > 1 : azp !== clientId)
        throw new OidcRefused('id token: made for another client')
      if (typeof claims['email'] === 'string' || !found.userinfo_endpoint || !tokens.data.access_token) return identityIn(claims, claims)
      const info = await ask('userinfo', {
        url: found.userinfo_endpoint,
        method: 'GET',
        headers: { authorization: `Bearer ${tokens.data.access_token}`, accept: 'application/json' },
      })
      // OpenID Connect Core 1.0 §5.3.2.
      if ((info as JWTPayload).sub !== claims.sub) throw new OidcRefused('userinfo: about somebody else')
      return identityIn(info as JWTPayload, claims)
    },
  }
}

/** In lower case some other letters become these (U+212A, the Kelvin sign, a k): an address of theirs would be taken for somebody else's. */
const ASCII = /^[\x21-\x7e]+$/
const LONGEST_NAME = 200

function identityIn(claims: JWTPayload, { auth_time: authTime }: JWTPayload): Identity {
  const text = (name: string) => (typeof claims[name] === 'string' ? claims[name] : undefined)
  const { sub } = claims
  // Cut, one subject or address could become another's.
  if (typeof sub !== 'string' || sub === '' || sub.length > LONGEST_SUBJECT)
    throw new OidcRefused('id token: no subject of an allowed length')
  const email = text('email')
  return {
    subject: sub,
    email: email !== undefined && email.length <= LONGEST_EMAIL && ASCII.test(email) ? email.toLowerCase() : undefined,
    // Some providers write it as a text.
    emailVerified: claims['email_verified'] === true || claims['email_verified'] === 'true',
    name: (text('name') ?? text('preferred_username'))?.slice(0, LONGEST_NAME),
    authenticatedAt: typeof authTime === 'number' ? authTime * 1000 : undefined,
  }
}

/** RFC 6749 §5.2: a short code, no secret. */
function errorCodeIn(body: string): string {
  const code = /"error"\s*:\s*"([a-z_]{1,40})"/.exec(body)?.[1]
  return code === undefined ? '' : ` (${code})`
}
