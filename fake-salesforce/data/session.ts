import type { IncomingHttpHeaders } from 'node:http'
import { orgByKey } from '../orgs/add-org.ts'
import type { AccessToken, Org, State, User } from '../state.ts'

export interface Session {
  token: AccessToken
  org: Org
  user: User
}

/** The credential of a request: `Authorization: Bearer` or `OAuth`, or the header of Bulk API 1. */
export function credentialOf(headers: IncomingHttpHeaders): string | null {
  const match = /^(?:bearer|oauth)\s+(\S+)$/i.exec(headers.authorization ?? '')
  if (match?.[1] !== undefined) return match[1]
  const bulk = headers['x-sfdc-session']
  return typeof bulk === 'string' ? bulk : null
}

/** The live session behind the credential; its use lengthens it. Sessions of inactive users and closed orgs are dead. */
export function sessionOf(state: State, headers: IncomingHttpHeaders, fallback: string | null = null): Session | undefined {
  const token = state.accessTokens.get(credentialOf(headers) ?? fallback ?? '')
  if (token === undefined) return undefined
  const now = state.clock.now()
  const user = state.users.get(token.username)
  const org = orgByKey(state, token.orgKey)
  if (token.expiresAt <= now || user === undefined || !user.active || org.locked || org.deleted) return undefined
  token.lastUsedAt = now
  if (token.slidesByMs > 0) token.expiresAt = now + token.slidesByMs
  return { token, org, user }
}
