/** SQL of the overview. Everything but `total` is as large as what is wrong, not as the environment. */
import { sql, type Kysely } from 'kysely'

type Db = Kysely<unknown>

export interface CountedIntegration {
  id: string
  integration: string
  provider: string
  display_name: string
  total: number
  broken: number
  frozen: number
  /** The whole integration is. */
  stopped: boolean
}

export async function countByIntegration(db: Db, environmentId: string): Promise<CountedIntegration[]> {
  const { rows } = await sql<CountedIntegration>`
    with totals as (select integration_id, count(*) as total from connection where environment_id = ${environmentId} group by 1),
    stopped as (select c.id, c.integration_id from frozen f join connection c on c.id = f.connection_id where f.environment_id = ${environmentId}),
    broken as (
      select c.integration_id, count(*) as broken from "grant" g join connection c on c.grant_id = g.id
      where g.environment_id = ${environmentId} and g.broken_at is not null and c.id not in (select id from stopped) group by 1),
    frozen_ones as (select integration_id, count(*) as frozen from stopped group by 1)
    select i.id, i.unique_key as integration, i.provider, i.display_name, coalesce(t.total, 0) as total, coalesce(b.broken, 0) as broken,
      coalesce(f.frozen, 0) as frozen,
      exists (select from frozen z where z.environment_id = ${environmentId} and z.connection_id is null
        and (z.integration_id is null or z.integration_id = i.id)) as stopped
    from integration i left join totals t on t.integration_id = i.id left join broken b on b.integration_id = i.id
      left join frozen_ones f on f.integration_id = i.id
    where i.environment_id = ${environmentId} order by total desc, i.unique_key`.execute(db)
  return rows
}

export async function countOpenIssues(db: Db, environmentId: string): Promise<{ kind: string; count: number }[]> {
  const { rows } = await sql<{ kind: string; count: number }>`
    select kind, count(*) as count from issue where environment_id = ${environmentId} and closed_at is null
    group by kind order by count(*) desc, kind`.execute(db)
  return rows
}

export interface OrgConnection {
  org_id: string
  org_name: string | null
  connection_id: string
  integration: string
}

/** One connection for each of these orgs (ids of 15 or 18 characters). */
export async function connectionsOfOrgs(db: Db, environmentId: string, orgIds: readonly string[]): Promise<OrgConnection[]> {
  const ids = orgIds.map((id) => id.slice(0, 15))
  const { rows } = await sql<OrgConnection>`
    select distinct on (left(c.connection_config ->> 'org_id', 15)) c.connection_config ->> 'org_id' as org_id, c.org ->> 'name' as org_name,
      c.connection_id, i.unique_key as integration
    from connection c join integration i on i.id = c.integration_id
    where c.environment_id = ${environmentId} and c.connection_config ? 'org_id' and left(c.connection_config ->> 'org_id', 15) = any(${ids}::text[])
    order by left(c.connection_config ->> 'org_id', 15), c.number desc`.execute(db)
  return rows
}

export interface FrozenPlaceRow {
  integration: string | null
  connection_id: string | null
  /** Of the frozen connection. */
  integration_of: string | null
  reason: string
  frozen_at: Date
}

/** The latest first. */
export async function frozenPlaces(db: Db, environmentId: string, limit: number): Promise<FrozenPlaceRow[]> {
  const { rows } = await sql<FrozenPlaceRow>`
    select i.unique_key as integration, c.connection_id, o.unique_key as integration_of, f.reason, f.frozen_at
    from frozen f left join integration i on i.id = f.integration_id left join connection c on c.id = f.connection_id
      left join integration o on o.id = c.integration_id
    where f.environment_id = ${environmentId} order by f.frozen_at desc limit ${limit}`.execute(db)
  return rows
}

export async function countFrozenPlaces(db: Db, environmentId: string): Promise<number> {
  const { rows } = await sql<{ count: number }>`select count(*) as count from frozen where environment_id = ${environmentId}`.execute(db)
  return rows[0]!.count
}
