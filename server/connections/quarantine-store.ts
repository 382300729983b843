/** SQL about all connections that one host stands for. */
import { sql } from 'kysely'
import type { Kysely } from 'kysely'
import type { GrantFailure, StoredGrant } from './connection.ts'
import { grantColumns, toGrant, type GrantColumns } from './connection-row.ts'

type Db = Kysely<unknown>

export interface HostOfOrg {
  environmentId: string
  instanceUrl: string
  orgId: string
  /** Names of the catalogue whose connections have orgs. */
  providers: readonly string[]
}

// `? 'instance_url'` lets the partial index connection_by_instance be used: each sign-in asks this.
const atHost = ({ environmentId, instanceUrl, providers }: HostOfOrg) => sql`
  c.environment_id = ${environmentId} and c.connection_config ? 'org_id' and c.connection_config ? 'instance_url'
  and c.connection_config ->> 'instance_url' = ${instanceUrl}
  and i.provider = any(${[...providers]}::text[])`
const hasOrg = (orgId: string) => sql`left(c.connection_config ->> 'org_id', 15) = ${orgId.slice(0, 15)}`

export interface GrantOfOldOrg {
  grantId: string
  version: number
  /** It was broken before. */
  broken: boolean
  oldOrgId: string
}

/**
 * Grants of connections at the host that were made with another org and are not stopped for the change to this one yet. Locks the connections in one
 * order, connections before grants as everywhere; not against references, which other transactions write while they hold a grant.
 */
export async function lockGrantsOfOldOrg(db: Db, host: HostOfOrg, limit: number): Promise<GrantOfOldOrg[]> {
  const { rows } = await sql<{ id: string; version: number; broken_at: Date | null; org_id: string }>`
    select g.id, g.version, g.broken_at, c.connection_config ->> 'org_id' as org_id
    from connection c join integration i on i.id = c.integration_id join "grant" g on g.id = c.grant_id
    where ${atHost(host)} and not ${hasOrg(host.orgId)}
      and (g.failure #>> '{diagnosis,code}' is distinct from 'sandbox-refreshed'
        or left(g.failure #>> '{diagnosis,evidence,new_org_id}', 15) is distinct from ${host.orgId.slice(0, 15)})
    order by c.id limit ${limit} for no key update of c`.execute(db)
  return rows.map((row) => ({ grantId: row.id, version: row.version, broken: row.broken_at !== null, oldOrgId: row.org_id }))
}

/**
 * Stops a grant whoever has its lease. The new version makes every answer void that is under way: a token for the new org must not come in by a
 * refresh. Undefined if the grant has changed meanwhile.
 */
export async function quarantineGrant(db: Db, id: string, version: number, failure: GrantFailure): Promise<StoredGrant | undefined> {
  const { rows } = await sql<GrantColumns>`
    update "grant" g set broken_at = coalesce(g.broken_at, hawser_now()), failure = ${JSON.stringify(failure)}::jsonb, version = g.version + 1,
      cooldown_until = null, refresh_started_at = null, lease_holder = null, lease_until = null
    where g.id = ${id} and g.version = ${version} returning ${grantColumns}`.execute(db)
  return rows[0] && toGrant(rows[0])
}

/** False if the grant has changed meanwhile, was not stopped for a refreshed sandbox, or was so by the provider's own token answer. */
export async function resumeGrant(db: Db, id: string, version: number): Promise<boolean> {
  const { numAffectedRows } = await sql`
    update "grant" set broken_at = null, failure = null, failures = 0, cooldown_until = null
    where id = ${id} and version = ${version} and broken_at is not null and failure #>> '{diagnosis,code}' = 'sandbox-refreshed'
      and failure #>> '{diagnosis,evidence,basis}' is distinct from 'token_answer'`.execute(db)
  return (numAffectedRows ?? 0n) > 0n
}

export interface FailingConnection {
  id: string
  environmentId: string
  brokenAt: Date | null
  /** The last time that tokens came. */
  refreshedAt: Date
  /** Of the diagnosis. */
  code: string | null
  clientId: string | null
}

/** All connections of this org at the host, with how their grants fare; at most 1,000. */
export async function connectionsAtHost(db: Db, host: HostOfOrg): Promise<FailingConnection[]> {
  const { rows } = await sql<{
    id: string
    environment_id: string
    broken_at: Date | null
    refreshed_at: Date
    code: string | null
    client_id: string | null
  }>`
    select c.id, c.environment_id, g.broken_at, g.refreshed_at, g.failure #>> '{diagnosis,code}' as code, o.client_id
    from connection c join integration i on i.id = c.integration_id join "grant" g on g.id = c.grant_id
      left join oauth_client o on o.id = g.oauth_client_id
    where ${atHost(host)} and ${hasOrg(host.orgId)} order by c.id limit 1000`.execute(db)
  return rows.map((row) => ({
    id: row.id,
    environmentId: row.environment_id,
    brokenAt: row.broken_at,
    refreshedAt: row.refreshed_at,
    code: row.code,
    clientId: row.client_id,
  }))
}

/** Connections of other hosts' orgs that work, the last used first: they may be asked about their sandboxes. */
export async function workingConnectionsAt(
  db: Db,
  at: { environmentId: string; instanceUrl: string; providers: readonly string[]; limit: number },
): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`
    select c.id from connection c join integration i on i.id = c.integration_id join "grant" g on g.id = c.grant_id
    where ${atHost({ ...at, orgId: '' })} and g.broken_at is null order by g.last_used_at desc limit ${at.limit}`.execute(db)
  return rows.map((row) => row.id)
}

/** Where these connections lead. */
export async function hostsOf(db: Db, connectionIds: readonly string[]): Promise<Omit<HostOfOrg, 'providers'>[]> {
  const { rows } = await sql<{ environment_id: string; instance_url: string; org_id: string }>`
    select distinct environment_id, connection_config ->> 'instance_url' as instance_url, connection_config ->> 'org_id' as org_id
    from connection where id = any(${[...connectionIds]}::uuid[])
      and connection_config ->> 'instance_url' is not null and connection_config ->> 'org_id' is not null`.execute(db)
  return rows.map((row) => ({ environmentId: row.environment_id, instanceUrl: row.instance_url, orgId: row.org_id }))
}
