/** Who is calling. Made by `authenticate`, carried by every call. */
import { fail } from '@hawser/api/errors.ts'
import type { Limits } from '@hawser/api/limits.ts'
import type { Scope } from '@hawser/api/scopes.ts'
import { scopeCovers } from '@hawser/api/scopes.ts'
import { connectionWithin, integrationWithin, takenAway, type NamedConnection } from './key-limits.ts'

export interface KeyPrincipal {
  kind: 'key'
  keyId: string
  environmentId: string
  environmentName: string
  scopes: readonly string[]
  /** undefined: none. */
  limits?: Limits | undefined
  /** ms since 1970; undefined: never. */
  expiresAt?: number | undefined
}

export interface SessionPrincipal {
  kind: 'session'
  sessionId: string
  environmentId: string
  environmentName: string
  /** undefined = all integrations of the environment. */
  allowedIntegrations: readonly string[] | undefined
}

export type Principal = KeyPrincipal | SessionPrincipal

/** The bearer of a connection token, or of a JWT that the customer's backend signed: may call one connection, and nothing else. */
export interface ConnectionPrincipal {
  kind: 'connection'
  /** The API key that made the token, or the signing key: what the audit trail and last uses name. */
  keyId: string
  environmentId: string
  connection: { uuid: string } | { integrationKey: string; connectionId: string }
  /** The key's and the token's own: all of them hold. */
  limits: readonly Limits[]
  /** The token's own among them. */
  ownLimits?: Limits | undefined
  /** Of a connection token's row; JWTs have none. */
  tokenId?: string
  /** ms since 1970. */
  expiresAt: number
}

export function mayCall(principal: Principal, scope: Scope): boolean {
  if (principal.kind !== 'key' || !scopeCovers(principal.scopes, scope)) return false
  return principal.limits === undefined || !takenAway(principal.limits, scope)
}

/** Throws `forbidden` unless the principal holds one of the scopes. */
export function requireScope(principal: Principal, ...anyOf: Scope[]): void {
  if (anyOf.length === 0 || anyOf.some((scope) => mayCall(principal, scope))) return
  const wanted = anyOf.length === 1 ? `Required: ${anyOf[0]}` : `Required one of: ${anyOf.join(' or ')}`
  const limited = principal.kind === 'key' && anyOf.some((scope) => scopeCovers(principal.scopes, scope))
  throw fail('forbidden', { message: `Insufficient scope. ${wanted}${limited ? ', held by a key without limits' : ''}` })
}

/** Every limit that holds for what the principal does. */
export function limitsOf(principal: Principal | ConnectionPrincipal): readonly Limits[] {
  if (principal.kind === 'connection') return principal.limits
  return principal.kind === 'key' && principal.limits !== undefined ? [principal.limits] : NONE
}

const NONE: readonly Limits[] = []

/** False: to this principal the integration does not exist. */
export function seesIntegration(principal: Principal, integrationKey: string): boolean {
  if (principal.kind === 'session') return principal.allowedIntegrations?.includes(integrationKey) ?? true
  return principal.limits === undefined || integrationWithin(principal.limits, integrationKey)
}

/** False: to this principal the connection does not exist. */
export function seesConnection(principal: Principal | ConnectionPrincipal, connection: NamedConnection): boolean {
  return limitsOf(principal).every((limits) => connectionWithin(limits, connection))
}
