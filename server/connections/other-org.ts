import { idsFromIdentityUrl, orgIdFromAccessToken, sameOrg } from '@hawser/salesforce/ids.ts'
import type { Tokens } from '#oauth/token-response.ts'
import type { Provider } from '#providers/provider.ts'
import type { StoredConnection } from './connection.ts'
import { replaceableOrgOf, type SandboxRefresh } from './sandbox-watch.ts'

export type OtherOrg = { kind: 'refreshed'; refresh: SandboxRefresh } | { kind: 'another'; newOrgId: string }

/**
 * Whether a token answer is for another org than the connection's; undefined if it is not, or does not say. On the host where the sandbox was, it was
 * refreshed; anywhere else it is somebody else's org.
 */
export function otherOrgIn(connection: StoredConnection, provider: Provider, { raw, access_token }: Tokens): OtherOrg | undefined {
  if (provider.family !== 'salesforce') return undefined
  const { org_id: stored } = connection.connectionConfig
  const { instance_url: named } = raw
  const newOrgId = orgIdIn({ raw, access_token })
  if (typeof stored !== 'string' || newOrgId === undefined || !sameOrg(stored, stored) || sameOrg(stored, newOrgId)) return undefined
  const org = replaceableOrgOf(connection)
  const host = typeof named === 'string' && URL.canParse(named) ? new URL(named).host : org?.host
  if (!org || host !== org.host) return { kind: 'another', newOrgId }
  const { environmentId } = connection
  return { kind: 'refreshed', refresh: { environmentId, instanceUrl: org.instanceUrl, newOrgId, basis: 'token_answer' } }
}

/** Whether a token answer says itself that it is for the connection's org. */
export function isOfKnownOrg(connection: StoredConnection, provider: Provider, tokens: Tokens): boolean {
  const { org_id: stored } = connection.connectionConfig
  const orgId = provider.family === 'salesforce' ? orgIdIn(tokens) : undefined
  return typeof stored === 'string' && orgId !== undefined && sameOrg(stored, orgId)
}

function orgIdIn({ raw, access_token }: Pick<Tokens, 'raw' | 'access_token'>): string | undefined {
  const { id } = raw
  return (typeof id === 'string' ? idsFromIdentityUrl(id)?.orgId : undefined) ?? orgIdFromAccessToken(access_token)
}
