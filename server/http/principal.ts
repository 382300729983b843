/** Who is calling. Made by `authenticate`, carried by every call. */
import { fail } from '@hawser/api/errors.ts'
import type { Scope } from '@hawser/api/scopes.ts'
import { scopeCovers } from '@hawser/api/scopes.ts'

export interface KeyPrincipal {
  kind: 'key'
  keyId: string
  environmentId: string
  environmentName: string
  scopes: readonly string[]
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

export function mayCall(principal: Principal, scope: Scope): boolean {
  return principal.kind === 'key' && scopeCovers(principal.scopes, scope)
}

/** Throws `forbidden` unless the principal holds one of the scopes. */
export function requireScope(principal: Principal, ...anyOf: Scope[]): void {
  if (anyOf.length === 0 || anyOf.some((scope) => mayCall(principal, scope))) return
  const wanted = anyOf.length === 1 ? `Required: ${anyOf[0]}` : `Required one of: ${anyOf.join(' or ')}`
  throw fail('forbidden', { message: `Insufficient scope. ${wanted}` })
}
