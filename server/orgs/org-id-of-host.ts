import { classifyHost } from '@hawser/salesforce/hosts.ts'
import { to18 } from '@hawser/salesforce/ids.ts'
import type { Egress } from '#egress/dispatcher.ts'
import { EgressRefused } from '#egress/egress-refused.ts'
import { RequestFailed, requestSmall, type SmallAnswer } from '#egress/small-request.ts'
import type { Provider } from '#providers/provider.ts'
import { tokenHostAllowed } from '#providers/token-hosts.ts'

export type OrgIdOfHost =
  /** 18 characters. */
  | { ok: true; orgId: string }
  /** `unreachable`: nobody answered, or an outage did; ask again later. `not_told`: the host does not say, and asking again changes nothing. */
  | { ok: false; reason: 'unreachable' | 'not_told' }

const MAX_BYTES = 256 * 1024

/**
 * Which org lies behind this host at the moment, without a session and without a token: `GET /.well-known/auth-configuration`. Counts as no API call.
 * Source: Salesforce Help, "Query SAML Authentication Settings" (xcloud.remoteaccess_auth_configuration_endpoint): V for `OrgId` and that no session is
 * needed, V-obs for plain My Domain hosts. `instanceUrl` without a path; hosts that may not get tokens of `provider` are not asked. Never throws for
 * what the network does.
 */
export async function orgIdOfHost(asked: {
  egress: Egress
  provider: Provider
  instanceUrl: string
  timeoutMs: number
}): Promise<OrgIdOfHost> {
  const { egress, provider, instanceUrl, timeoutMs } = asked
  if (!tokenHostAllowed(provider, instanceUrl)) return { ok: false, reason: 'not_told' }
  const { origin, host, hostname } = new URL(instanceUrl)
  // Login hosts, and servers that many orgs share, stand for no org of their own.
  if (['generic-login', 'generic-test', 'legacy'].includes(classifyHost(hostname).kind)) return { ok: false, reason: 'not_told' }
  try {
    const answer = await requestSmall(egress, {
      url: `${origin}/.well-known/auth-configuration`,
      method: 'GET',
      headers: { accept: 'application/json' },
      timeoutMs,
      maxBytes: MAX_BYTES,
    })
    return orgIdIn(answer, host)
  } catch (error) {
    if (error instanceof EgressRefused) return { ok: false, reason: 'not_told' }
    if (!(error instanceof RequestFailed)) throw error
    return { ok: false, reason: error.kind === 'redirect' || error.kind === 'too_large' ? 'not_told' : 'unreachable' }
  }
}

// 420: Salesforce Edge has no route to the host, as while a sandbox is being copied.
const OUTAGES: readonly number[] = [408, 420, 429]

function orgIdIn({ status, bodyText }: SmallAnswer, host: string): OrgIdOfHost {
  if (status >= 500 || OUTAGES.includes(status)) return { ok: false, reason: 'unreachable' }
  const body = status === 200 ? fieldsOf(bodyText) : undefined
  const orgId = typeof body?.['OrgId'] === 'string' && body['OrgId'].startsWith('00D') ? to18(body['OrgId']) : undefined
  const url = body?.['Url']
  // Connections are stopped on this answer: one that speaks of another host proves nothing of this one.
  const isAboutHost = typeof url !== 'string' || (URL.canParse(url) && new URL(url).host === host)
  return orgId !== undefined && isAboutHost ? { ok: true, orgId } : { ok: false, reason: 'not_told' }
}

function fieldsOf(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : undefined
  } catch {
    return undefined
  }
}
