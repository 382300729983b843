/** SQL of what connections know of their orgs. */
import { sql, type Kysely } from 'kysely'
import type { OrgKind } from '@hawser/salesforce/org.ts'
import type { OrgRules } from './judge-org.ts'
import type { OrgFacts } from './org-facts.ts'

type Db = Kysely<unknown>

export async function orgRulesOf(db: Db, integrationId: string): Promise<OrgRules> {
  const { rows } = await sql<{ wrong_org_kind: OrgRules['wrongOrgKind']; refused_org_kinds: OrgKind[] }>`
    select i.wrong_org_kind, e.refused_org_kinds from integration i join environment e on e.id = i.environment_id
    where i.id = ${integrationId}`.execute(db)
  // Gone meanwhile: then nothing can be saved for it either.
  const row = rows[0] ?? { wrong_org_kind: 'refuse', refused_org_kinds: [] }
  return { wrongOrgKind: row.wrong_org_kind, refusedOrgKinds: row.refused_org_kinds }
}

/** One live grant of a Salesforce user through one app: Salesforce keeps five of them. */
export interface Approval {
  grantId: string
  /** Row's uuid, the name callers use, and the integration's key. */
  connectionUuid: string
  connectionId: string
  integrationKey: string
  /** The customer's own id of the person it belongs to. */
  endUserId: string | undefined
  since: Date
}

/** More than this changes nothing in what is said. */
const MOST_APPROVALS = 100

interface ApprovalRow {
  grant_id: string
  connection_uuid: string
  connection_id: string
  unique_key: string
  end_user_id: string | null
  created_at: Date
}

/** Newest first, without those that a further sign-in has ended already. A grant that two connections share is one approval. `clientId`: the consumer key, whichever integrations use it. */
export async function approvalsOf(
  db: Db,
  of: { environmentId: string; orgId: string; userId: string; clientId: string },
): Promise<Approval[]> {
  const { rows } = await sql<ApprovalRow>`
    select * from (
      select distinct on (g.id) g.id as grant_id, c.id as connection_uuid, c.connection_id, i.unique_key, c.end_user ->> 'id' as end_user_id,
        g.created_at
      from connection c join "grant" g on g.id = c.grant_id join oauth_client o on o.id = g.oauth_client_id
        join integration i on i.id = c.integration_id
      where c.environment_id = ${of.environmentId} and c.connection_config ? 'org_id'
        and c.connection_config ->> 'org_id' = any(${bothForms(of.orgId)}::text[])
        and left(c.connection_config ->> 'user_id', 15) = ${of.userId.slice(0, 15)}
        and o.client_id = ${of.clientId} and g.broken_at is null and g.fingerprint is not null
        and not exists (select from issue where connection_id = c.id and kind = 'approval_evicted' and closed_at is null)
      order by g.id, c.number
    ) live order by created_at desc, grant_id desc limit ${MOST_APPROVALS}`.execute(db)
  return rows.map((row) => ({
    grantId: row.grant_id,
    connectionUuid: row.connection_uuid,
    connectionId: row.connection_id,
    integrationKey: row.unique_key,
    endUserId: row.end_user_id ?? undefined,
    since: row.created_at,
  }))
}

/** 15 and 18 characters: an index finds either. */
function bothForms(id: string): string[] {
  return [id.slice(0, 15), id]
}

/** The Salesforce users and apps behind an end user's connections; at most 20, those of the newest connections. */
export async function approvalGroupsOf(
  db: Db,
  of: { environmentId: string; endUserId: string; integrationKeys: readonly string[] | undefined },
): Promise<{ orgId: string; userId: string; clientId: string }[]> {
  const allowed = of.integrationKeys === undefined ? sql`` : sql`and i.unique_key = any(${[...of.integrationKeys]}::text[])`
  const { rows } = await sql<{ org_id: string; user_id: string; client_id: string }>`
    select c.connection_config ->> 'org_id' as org_id, c.connection_config ->> 'user_id' as user_id, o.client_id
    from connection c join "grant" g on g.id = c.grant_id join oauth_client o on o.id = g.oauth_client_id
      join integration i on i.id = c.integration_id
    where c.environment_id = ${of.environmentId} and c.end_user ->> 'id' = ${of.endUserId} and g.broken_at is null
      and c.connection_config ? 'org_id' and c.connection_config ? 'user_id' ${allowed}
    group by 1, 2, 3 having count(distinct g.id) >= 5 order by max(c.number) desc limit 20`.execute(db)
  return rows.map((row) => ({ orgId: row.org_id, userId: row.user_id, clientId: row.client_id }))
}

/** Whose approvals the connection's own grant counts among; undefined where one of them is not known. */
export async function approvalGroupOf(
  db: Db,
  connectionUuid: string,
): Promise<{ orgId: string; userId: string; clientId: string } | undefined> {
  const { rows } = await sql<{ org_id: string | null; user_id: string | null; client_id: string }>`
    select c.connection_config ->> 'org_id' as org_id, c.connection_config ->> 'user_id' as user_id, o.client_id
    from connection c join "grant" g on g.id = c.grant_id join oauth_client o on o.id = g.oauth_client_id
    where c.id = ${connectionUuid}`.execute(db)
  const row = rows[0]
  return row?.org_id && row.user_id ? { orgId: row.org_id, userId: row.user_id, clientId: row.client_id } : undefined
}

export interface DueCheck {
  environmentId: string
  connectionUuid: string
  integrationId: string
  provider: string
  orgId: string
  userId: string | undefined
  instanceUrl: string
  org: OrgFacts | null
  /** No call may be made with its credentials by itself: broken, cooling down, or in the middle of a refresh. */
  asleep: boolean
  /** Called within the last day, so that its session probably lives. */
  usedLately: boolean
  /** Kinds of open issues that this check may close. */
  openKinds: string[]
}

interface DueRow {
  id: string
  environment_id: string
  integration_id: string
  provider: string
  org_id: string
  user_id: string | null
  instance_url: string
  org: OrgFacts | null
  asleep: boolean
  used_lately: boolean
  open_kinds: string[]
}

/** Takes the connections whose org was not looked at for a day, longest first: they are stamped at once, so that another node takes others. */
export async function takeDueChecks(db: Db, options: { providers: readonly string[]; limit: number }): Promise<DueCheck[]> {
  const { rows } = await sql<DueRow>`
    with due as (
      select c.id from connection c join integration i on i.id = c.integration_id
      where c.connection_config ? 'org_id' and c.connection_config ? 'instance_url' and i.provider = any(${[...options.providers]}::text[])
        and (c.org_checked_at is null or c.org_checked_at < hawser_now() - interval '1 day')
      order by c.org_checked_at nulls first limit ${options.limit} for update of c skip locked
    ), taken as (
      update connection c set org_checked_at = hawser_now() from due where c.id = due.id
      returning c.id, c.environment_id, c.integration_id, c.grant_id, c.connection_config, c.org
    )
    select t.id, t.environment_id, t.integration_id, i.provider, t.connection_config ->> 'org_id' as org_id,
      t.connection_config ->> 'user_id' as user_id, t.connection_config ->> 'instance_url' as instance_url, t.org,
      (g.id is null or g.broken_at is not null or g.refresh_started_at is not null or g.cooldown_until > hawser_now()) is true as asleep,
      (g.last_used_at > hawser_now() - interval '1 day') is true as used_lately,
      array(select kind from issue where connection_id = t.id and closed_at is null) as open_kinds
    from taken t join integration i on i.id = t.integration_id left join "grant" g on g.id = t.grant_id`.execute(db)
  return rows.map((row) => ({
    environmentId: row.environment_id,
    connectionUuid: row.id,
    integrationId: row.integration_id,
    provider: row.provider,
    orgId: row.org_id,
    userId: row.user_id ?? undefined,
    instanceUrl: row.instance_url,
    org: row.org,
    asleep: row.asleep,
    usedLately: row.used_lately,
    openKinds: row.open_kinds,
  }))
}

/** Unless the connection leads to another org by now. */
export async function writeOrgFacts(db: Db, connectionUuid: string, facts: OrgFacts): Promise<void> {
  await sql`
    update connection set org = ${JSON.stringify(facts)}::jsonb, org_checked_at = hawser_now()
    where id = ${connectionUuid} and left(connection_config ->> 'org_id', 15) = ${facts.org_id.slice(0, 15)}`.execute(db)
}
