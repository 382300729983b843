/** Whether the org behind a connection's host is still the one that was connected. */
import { orgCanBeRefreshed, orgChange } from '@hawser/salesforce/org-change.ts'
import { sameOrg } from '@hawser/salesforce/ids.ts'
import type { Clock } from '#lib/clock.ts'
import { createLru } from '#lib/lru.ts'
import type { OrgIdOfHost } from '#orgs/org-id-of-host.ts'
import type { Provider } from '#providers/provider.ts'
import type { StoredConnection } from './connection.ts'

const MAX_HOSTS = 10_000
/** A host that has told another org than the one we know is believed so long: it concerns all its connections. */
const TOLD_MS = 60_000
/** That nothing has changed may be over in the next moment. */
const UNCHANGED_MS = 5_000

/** A sandbox was replaced by a new org behind the same host. */
export interface SandboxRefresh {
  environmentId: string
  /** As connections hold it. */
  instanceUrl: string
  newOrgId: string
  /** How it was found. */
  basis: 'host' | 'production' | 'token_answer' | 'reconnect'
}

export type OrgBehind =
  | { kind: 'refreshed'; refresh: SandboxRefresh }
  | { kind: 'same' }
  /** Its host does not answer, as while the sandbox is copied: ask again later. */
  | { kind: 'away' }
  /** Nobody tells. */
  | { kind: 'not-told' }
  /** No org that could be replaced. */
  | { kind: 'not-asked' }

export interface SandboxWatch {
  /** Never throws. No transaction may be open: hosts are asked. */
  lookBehind(connection: StoredConnection, provider: Provider): Promise<OrgBehind>
}

export interface SandboxWatchDeps {
  clock: Clock
  /** Without a token. Keeps its own deadline. */
  orgIdOfHost(provider: Provider, instanceUrl: string): Promise<OrgIdOfHost>
  /** Of the sandbox behind `host`, by the production org's own list; undefined where that cannot be asked. Keeps its own deadline. */
  orgIdInProduction(environmentId: string, host: string): Promise<string | undefined>
}

export interface StoredOrg {
  orgId: string
  instanceUrl: string
  host: string
}

/** What the connection holds of its org, if that is an org that can be replaced behind its host. */
export function replaceableOrgOf({ connectionConfig }: Pick<StoredConnection, 'connectionConfig'>): StoredOrg | undefined {
  const { org_id: orgId, instance_url: instanceUrl } = connectionConfig
  if (typeof orgId !== 'string' || !sameOrg(orgId, orgId) || typeof instanceUrl !== 'string' || !URL.canParse(instanceUrl)) return undefined
  const { host } = new URL(instanceUrl)
  return orgCanBeRefreshed(host) ? { orgId, instanceUrl, host } : undefined
}

export function createSandboxWatch({ clock, orgIdOfHost, orgIdInProduction }: SandboxWatchDeps): SandboxWatch {
  const told = createLru<string, { at: number; answer: Promise<OrgIdOfHost> }>({ maxEntries: MAX_HOSTS })

  const ask = (provider: Provider, instanceUrl: string) => {
    const answer = orgIdOfHost(provider, instanceUrl).catch((): OrgIdOfHost => ({ ok: false, reason: 'unreachable' }))
    told.set(instanceUrl, { at: clock.now(), answer })
    return answer
  }

  const orgIdNow = async (provider: Provider, { instanceUrl, orgId }: StoredOrg): Promise<OrgIdOfHost> => {
    const known = told.get(instanceUrl)
    const ageMs = known ? clock.now() - known.at : Infinity
    if (!known || ageMs >= TOLD_MS) return ask(provider, instanceUrl)
    const answer = await known.answer
    const changed = answer.ok && !sameOrg(answer.orgId, orgId)
    return changed || ageMs < UNCHANGED_MS ? answer : ask(provider, instanceUrl)
  }

  return {
    async lookBehind(connection, provider) {
      const stored = provider.family === 'salesforce' ? replaceableOrgOf(connection) : undefined
      if (!stored) return { kind: 'not-asked' }
      const { environmentId } = connection
      const { host, instanceUrl, orgId } = stored
      const seen = (newOrgId: string, basis: SandboxRefresh['basis']): OrgBehind =>
        orgChange({ orgId, instanceHost: host }, { orgId: newOrgId, instanceHost: host }) === 'same'
          ? { kind: 'same' }
          : { kind: 'refreshed', refresh: { environmentId, instanceUrl, newOrgId, basis } }
      const answer = await orgIdNow(provider, stored)
      if (answer.ok) return seen(answer.orgId, 'host')
      if (answer.reason === 'unreachable') return { kind: 'away' }
      const inProduction = await orgIdInProduction(environmentId, host).catch(() => undefined)
      return inProduction === undefined ? { kind: 'not-told' } : seen(inProduction, 'production')
    },
  }
}
