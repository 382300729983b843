/** Who is calling. Made by `authenticate`, carried by every call. */
import { fail } from '@hawser/api/errors.ts'
import type { Limits } from '@hawser/api/limits.ts'
import type { PeopleScope, Role } from '@hawser/api/roles.ts'
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

/** A person who is signed in, in one environment. */
export interface MemberPrincipal {
  kind: 'member'
  personId: string
  /** The session's row, and the hash that it is found by. */
  personSessionId: string
  sessionHash: string
  environmentId: string
  environmentName: string
  role: Role
  /** Without those that show secrets, unless this call asked for them and the person proved lately who she is. */
  scopes: readonly string[]
  /** Proved lately who she is; ms since 1970 until when. */
  confirmed: boolean
  confirmedUntil: number
  sessionEndsAt: number
  /** As of a key without limits, so that both can be asked alike. */
  limits?: undefined
  expiresAt?: undefined
}

/** Who calls on the installation's side: a program with a key, or a person. */
export type OwnSide = KeyPrincipal | MemberPrincipal
export type Principal = OwnSide | SessionPrincipal

/** Begins the `keyId` of tokens that a person made. */
export const PERSON = 'person:'

/** The bearer of a connection token, or of a JWT that the customer's backend signed: may call one connection, and nothing else. */
export interface ConnectionPrincipal {
  kind: 'connection'
  /** The API key that made the token, the signing key, or `person:` and the person who made it: what the audit trail and last uses name. */
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

/** Who did it, as the audit trail keeps it. */
export function actorOf(principal: Principal): { kind: string; id: string } {
  if (principal.kind === 'key') return { kind: 'key', id: principal.keyId }
  return principal.kind === 'member' ? { kind: 'person', id: principal.personId } : { kind: 'session', id: principal.sessionId }
}

export function mayCall(principal: Principal, scope: Scope): boolean {
  if (principal.kind === 'session' || !scopeCovers(principal.scopes, scope)) return false
  return principal.limits === undefined || !takenAway(principal.limits, scope)
}

/** Throws `forbidden` unless the principal holds one of the scopes. */
export function requireScope(principal: Principal, ...anyOf: Scope[]): void {
  if (anyOf.length === 0 || anyOf.some((scope) => mayCall(principal, scope))) return
  const wanted = anyOf.length === 1 ? `Required: ${anyOf[0]}` : `Required one of: ${anyOf.join(' or ')}`
  const limited = principal.kind === 'key' && anyOf.some((scope) => scopeCovers(principal.scopes, scope))
  throw fail('forbidden', { message: `Insufficient scope. ${wanted}${limited ? ', held by a key without limits' : ''}` })
}

/** Of a person: what no API key can hold. Throws `forbidden`. */
export function requirePeopleScope(principal: MemberPrincipal, anyOf: readonly PeopleScope[]): void {
  if (anyOf.length > 0 && !anyOf.some((scope) => principal.scopes.includes(scope)))
    throw fail('forbidden', { message: 'That needs the role of an owner.' })
}

/** Every limit that holds for what the principal does. */
export function limitsOf(principal: Principal | ConnectionPrincipal): readonly Limits[] {
  if (principal.kind === 'connection') return principal.limits
  return principal.kind !== 'session' && principal.limits !== undefined ? [principal.limits] : NONE
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
