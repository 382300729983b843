/** Who calls with a credential for one connection: a connection token, or a JWT of the customer's backend. For the proxy and the gateway alone. */
import { hash } from 'node:crypto'
import { Failure, fail } from '@hawser/api/errors.ts'
import { scopeCovers } from '@hawser/api/scopes.ts'
import { createGuessLimit } from '#http/guess-limit.ts'
import { createKnownCredentials } from '#http/known-credentials.ts'
import { PERSON, type ConnectionPrincipal } from '#http/principal.ts'
import { createLru } from '#lib/lru.ts'
import type { Kit } from '../kit.ts'
import { isConnectionToken } from './connection-token.ts'
import { findTokenByHash } from './connection-token-store.ts'
import { findSigningKey } from './signing-key-store.ts'
import { isJwt, keyIdOfJwt, refusedJwt, verifyingKeyOf, verifyJwt, type VerifyingKey } from './verify-jwt.ts'

const MAX_VERIFIED = 10_000

export interface ConnectionCallers {
  /**
   * Not a promise when the credential is known. `address`: who calls. Throws `invalid_token`, `credentials_unavailable`, and `too_many_request` for
   * an address that keeps guessing.
   */
  of(bearer: string, address: string): ConnectionPrincipal | Promise<ConnectionPrincipal>
}

export function createConnectionCallers(
  kit: Pick<Kit, 'db' | 'bus' | 'clock' | 'config'>,
  /** Of keys, and of connection tokens by their ids. */
  notes: { key(keyId: string): void; token(tokenId: string): void },
): ConnectionCallers {
  const { clock, bus, config } = kit
  const db = kit.db.kysely
  const shared = { clock, bus, maxStaleMs: config.maxStaleMs }
  const guesses = createGuessLimit(clock)
  const tokens = createKnownCredentials<ConnectionPrincipal>({
    ...shared,
    // A connection's end reaches its tokens by their foreign key.
    tables: ['connection_token', 'api_key', 'signing_key', 'person_session'],
    find: (digest) => findTokenCaller(db, Buffer.from(digest, 'base64url')),
    unknown: () => fail('invalid_token'),
  })
  const keys = createKnownCredentials<VerifyingKey>({
    ...shared,
    tables: ['signing_key'],
    find: async (id) => {
      const stored = await findSigningKey(db, id)
      return stored && verifyingKeyOf(stored)
    },
    unknown: () => refusedJwt('no signing key has its `kid`, or that key has ended'),
  })
  /** Checked signatures, good as long as the very key that they were checked with is. */
  const verified = createLru<string, { key: VerifyingKey; principal: ConnectionPrincipal }>({ maxEntries: MAX_VERIFIED })

  const used = (principal: ConnectionPrincipal): ConnectionPrincipal => {
    if (principal.expiresAt <= clock.now()) throw fail('invalid_token')
    if (!principal.keyId.startsWith(PERSON)) notes.key(principal.keyId)
    if (principal.tokenId !== undefined) notes.token(principal.tokenId)
    return principal
  }
  const counted = async (address: string, checking: () => Promise<ConnectionPrincipal>): Promise<ConnectionPrincipal> => {
    guesses.check(address)
    try {
      return used(await checking())
    } catch (error) {
      if (error instanceof Failure && error.code === 'invalid_token') guesses.failed(address)
      throw error
    }
  }

  const checkedJwt = async (token: string, digest: string): Promise<ConnectionPrincipal> => {
    const id = keyIdOfJwt(token)
    const key = keys.warm(id) ?? (await keys.load(id))
    const principal = await verifyJwt(token, key, config.publicUrl, clock.now())
    verified.set(digest, { key, principal })
    return principal
  }

  return {
    of(bearer, address) {
      const jwt = isJwt(bearer)
      if (!jwt && !isConnectionToken(bearer))
        throw fail('invalid_token', { message: 'That is not the form of a connection token or of a JWT.' })
      const digest = hash('sha256', bearer, 'base64url')
      if (!jwt) {
        const known = tokens.warm(digest)
        return known ? used(known) : counted(address, () => tokens.load(digest))
      }
      const known = verified.get(digest)
      if (known && keys.warm(known.key.stored.id) === known.key) return used(known.principal)
      return counted(address, () => checkedJwt(bearer, digest))
    },
  }
}

async function findTokenCaller(db: Kit['db']['kysely'], tokenHash: Buffer): Promise<ConnectionPrincipal | undefined> {
  const found = await findTokenByHash(db, tokenHash)
  if (!found) return undefined
  const { key, personId } = found
  if (key ? key.scopes && !scopeCovers(key.scopes, 'environment:proxy') : personId === undefined) return undefined
  return {
    kind: 'connection',
    keyId: key?.id ?? `${PERSON}${personId}`,
    environmentId: found.environmentId,
    connection: { uuid: found.connectionUuid },
    tokenId: found.id,
    limits: [key?.limits, found.limits].filter((limits) => limits !== undefined),
    ownLimits: found.limits,
    expiresAt: Math.min(found.expiresAt.getTime(), key?.expiresAt?.getTime() ?? Infinity),
  }
}
