/** Tokens that a customer's backend signs (RFC 7519, with the cautions of RFC 8725): which one is good, and for what. */
import { createPublicKey, type KeyObject } from 'node:crypto'
import { decodeProtectedHeader, errors, jwtVerify } from 'jose'
import { z } from 'zod'
import { LONGEST_JWT_TEXT } from '@hawser/api/connection-tokens.ts'
import { fail, type Failure } from '@hawser/api/errors.ts'
import { callLimits } from '@hawser/api/limits.ts'
import { connectionId, integrationKey } from '@hawser/api/values.ts'
import type { ConnectionPrincipal } from '#http/principal.ts'
import type { StoredSigningKey } from './signing-key-store.ts'

export const LONGEST_JWT_SECONDS = 3600
export const CLOCK_SKEW_SECONDS = 60
const FORM = /^eyJ[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+$/
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/

/** A registered key, read once. */
export interface VerifyingKey {
  stored: StoredSigningKey
  key: KeyObject
}

export function verifyingKeyOf(stored: StoredSigningKey): VerifyingKey {
  return { stored, key: createPublicKey(stored.public_key) }
}

export function isJwt(text: string): boolean {
  return text.length <= LONGEST_JWT_TEXT && FORM.test(text)
}

/** The `kid`, before anything of the token is believed: it only says which key to hold the signature against. Throws `invalid_token`. */
export function keyIdOfJwt(token: string): string {
  let kid: unknown
  try {
    kid = decodeProtectedHeader(token).kid
  } catch {
    throw refusedJwt('its header could not be read')
  }
  if (typeof kid !== 'string' || !UUID.test(kid)) throw refusedJwt('its header must name the id of a signing key as `kid`')
  return kid
}

const claims = z.object({ sub: connectionId, integration: integrationKey, exp: z.number(), iat: z.number(), ...callLimits })

/**
 * Algorithm and key come from what was registered: neither `alg`, nor a key, certificate or address inside the token has a say. Throws `invalid_token`,
 * which says what is wrong once the signature has been checked.
 */
export async function verifyJwt(
  token: string,
  { stored, key }: VerifyingKey,
  publicUrl: string,
  nowMs: number,
): Promise<ConnectionPrincipal> {
  const { payload } = await jwtVerify(token, key, {
    algorithms: stored.algorithm === 'EdDSA' ? ['EdDSA', 'Ed25519'] : [stored.algorithm],
    audience: [publicUrl, `${publicUrl}/`],
    requiredClaims: ['exp', 'iat', 'sub'],
    maxTokenAge: LONGEST_JWT_SECONDS,
    clockTolerance: CLOCK_SKEW_SECONDS,
    currentDate: new Date(nowMs),
  }).catch((error: unknown) => {
    if (error instanceof errors.JWTExpired) throw refusedJwt('it has expired')
    if (error instanceof errors.JWTClaimValidationFailed)
      throw refusedJwt(
        error.claim === 'aud' ? `its \`aud\` must be ${publicUrl}` : `its claim \`${error.claim}\` is missing or does not hold`,
      )
    if (error instanceof errors.JOSEError) throw refusedJwt(`its signature (${stored.algorithm}) does not fit the signing key`)
    throw error
  })
  const read = claims.safeParse(payload)
  if (!read.success) throw refusedJwt(`its claim \`${String(read.error.issues[0]?.path[0] ?? '')}\` is missing or malformed`)
  const { sub, integration, exp, iat, methods, paths } = read.data
  if (exp - iat > LONGEST_JWT_SECONDS) throw refusedJwt(`between \`iat\` and \`exp\` may lie ${LONGEST_JWT_SECONDS} s at most`)
  const ownLimits = methods || paths ? { ...(methods ? { methods } : {}), ...(paths ? { paths } : {}) } : undefined
  return {
    kind: 'connection',
    keyId: stored.id,
    environmentId: stored.environment_id,
    connection: { integrationKey: integration, connectionId: sub },
    limits: [stored.limits ?? undefined, ownLimits].filter((limits) => limits !== undefined),
    ownLimits,
    expiresAt: Math.min((exp + CLOCK_SKEW_SECONDS) * 1000, stored.expires_at?.getTime() ?? Infinity),
  }
}

export function refusedJwt(reason: string): Failure {
  return fail('invalid_token', { message: `The JWT is refused: ${reason}.` })
}
