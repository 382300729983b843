/**
 * SQL of the table `connection`. What callers address is always bound to their environment: foreign ids find nothing.
 *
 * Locks are taken in one order, whoever takes several, or two transactions wait for each other: the integration (`for no key update`), connections
 * by their ids (`for no key update`, so that rows that only refer to them can be written meanwhile), grants by theirs, then issues, then clients.
 * An integration is locked `for update` only after its connections and grants: who stores a grant refers to it while he holds both.
 */
import { sql } from 'kysely'
import type { Kysely } from 'kysely'
import type { OrgFacts } from '#orgs/org-facts.ts'
import type { EndUser, StoredConnection, StoredGrant } from './connection.ts'
import type { StoredIntegration } from '#integrations/integration.ts'
import {
  connectionColumns,
  grantColumns,
  integrationColumns,
  toConnection,
  toGrant,
  toIntegration,
  type ConnectionColumns,
  type GrantColumns,
  type IntegrationColumns,
} from './connection-row.ts'

type Db = Kysely<unknown>

/** Three rows that belong together. */
export interface LiveRow {
  connection: StoredConnection
  integration: StoredIntegration
  grant: StoredGrant | undefined
}

type JoinedColumns = ConnectionColumns & IntegrationColumns & (GrantColumns | { g_id: null })

const joined = sql`
  select ${connectionColumns}, ${integrationColumns}, ${grantColumns}
  from connection c join integration i on i.id = c.integration_id left join "grant" g on g.id = c.grant_id`

function toLive(row: JoinedColumns | undefined): LiveRow | undefined {
  if (!row) return undefined
  return { connection: toConnection(row), integration: toIntegration(row), grant: row.g_id === null ? undefined : toGrant(row) }
}

export async function liveByName(
  db: Db,
  environmentId: string,
  integrationKey: string,
  connectionId: string,
): Promise<LiveRow | undefined> {
  const { rows } = await sql<JoinedColumns>`${joined}
    where i.environment_id = ${environmentId} and i.unique_key = ${integrationKey} and c.connection_id = ${connectionId}`.execute(db)
  return toLive(rows[0])
}

export async function liveById(db: Db, environmentId: string, id: string): Promise<LiveRow | undefined> {
  const { rows } = await sql<JoinedColumns>`${joined} where c.id = ${id} and c.environment_id = ${environmentId}`.execute(db)
  return toLive(rows[0])
}

/** Locked until the transaction ends; issues and events of it may still be written by others, who hold its grant while they do. */
export async function lockById(db: Db, environmentId: string, id: string): Promise<StoredConnection | undefined> {
  const { rows } = await sql<ConnectionColumns>`
    select ${connectionColumns} from connection c where c.id = ${id} and c.environment_id = ${environmentId} for no key update`.execute(db)
  return rows[0] && toConnection(rows[0])
}

export async function lockByName(db: Db, integrationId: string, connectionId: string): Promise<StoredConnection | undefined> {
  const { rows } = await sql<ConnectionColumns>`
    select ${connectionColumns} from connection c
    where c.integration_id = ${integrationId} and c.connection_id = ${connectionId} for no key update`.execute(db)
  return rows[0] && toConnection(rows[0])
}

/** Undefined if the integration has a connection of that name already. */
export async function insertBare(
  db: Db,
  made: { id: string; environmentId: string; integrationId: string; connectionId: string },
): Promise<StoredConnection | undefined> {
  const { rows } = await sql<ConnectionColumns>`
    insert into connection as c (id, environment_id, integration_id, connection_id)
    values (${made.id}, ${made.environmentId}, ${made.integrationId}, ${made.connectionId})
    on conflict (integration_id, connection_id) do nothing
    returning ${connectionColumns}`.execute(db)
  return rows[0] && toConnection(rows[0])
}

export interface ConnectionChanges {
  grantId?: string | null | undefined
  /** Merged over what is there, first level only. */
  mergeConfig?: Record<string, unknown> | undefined
  secretConfig?: StoredConnection['secretConfig']
  /** Just read; stamps the row as checked. */
  org?: OrgFacts | undefined
  metadata?: Record<string, unknown> | undefined
  tags?: Record<string, string> | undefined
  endUser?: EndUser | null | undefined
  webhookUrlOverride?: string | null | undefined
}

/** Writes only the columns that are given: two writers of different columns never undo each other. */
export async function update(db: Db, id: string, changes: ConnectionChanges): Promise<StoredConnection | undefined> {
  const sets = [sql`updated_at = hawser_now()`]
  if (changes.grantId !== undefined) sets.push(sql`grant_id = ${changes.grantId}`)
  if (changes.mergeConfig !== undefined)
    sets.push(sql`connection_config = c.connection_config || ${JSON.stringify(changes.mergeConfig)}::jsonb`)
  // A row that has a data key keeps it, in whatever wrapping: a rotation may have wrapped it again since it was read.
  if (changes.secretConfig !== undefined)
    sets.push(
      sql`secret_config = ${changes.secretConfig.sealed}`,
      sql`secret_config_data_key = coalesce(c.secret_config_data_key, ${changes.secretConfig.dataKey})`,
    )
  if (changes.org !== undefined) sets.push(sql`org = ${JSON.stringify(changes.org)}::jsonb, org_checked_at = hawser_now()`)
  if (changes.metadata !== undefined) sets.push(sql`metadata = ${JSON.stringify(changes.metadata)}::jsonb`)
  if (changes.tags !== undefined) sets.push(sql`tags = ${JSON.stringify(changes.tags)}::jsonb`)
  if (changes.endUser !== undefined) sets.push(sql`end_user = ${changes.endUser === null ? null : JSON.stringify(changes.endUser)}::jsonb`)
  if (changes.webhookUrlOverride !== undefined) sets.push(sql`webhook_url_override = ${changes.webhookUrlOverride || null}`)
  const { rows } = await sql<ConnectionColumns>`
    update connection c set ${sql.join(sets)} where c.id = ${id} returning ${connectionColumns}`.execute(db)
  return rows[0] && toConnection(rows[0])
}

export async function remove(db: Db, id: string): Promise<void> {
  await sql`delete from connection where id = ${id}`.execute(db)
}

/** All connections of an integration, before their grants go. */
export async function lockAllOf(db: Db, integrationId: string): Promise<void> {
  await sql`
    with held as (select id from connection where integration_id = ${integrationId} order by id for no key update)
    select count(*) from held`.execute(db)
}

/** Of the names, those that exist, locked in one order so that two calls never wait for each other in a circle. */
export async function lockNames(
  db: Db,
  integrationId: string,
  connectionIds: readonly string[],
): Promise<{ id: string; connectionId: string; tags: Record<string, string> }[]> {
  const { rows } = await sql<{ id: string; connection_id: string; tags: Record<string, string> }>`
    select id, connection_id, tags from connection where integration_id = ${integrationId} and connection_id = any(${[...connectionIds]}::text[])
    order by id for no key update`.execute(db)
  return rows.map((row) => ({ id: row.id, connectionId: row.connection_id, tags: row.tags }))
}

/** `merge`: over what is there, first level only; else in its place. */
export async function writeMetadata(db: Db, ids: readonly string[], metadata: Record<string, unknown>, merge: boolean): Promise<void> {
  const value = sql`${JSON.stringify(metadata)}::jsonb`
  await sql`
    update connection set metadata = ${merge ? sql`coalesce(metadata, '{}'::jsonb) || ${value}` : value}, updated_at = hawser_now()
    where id = any(${[...ids]}::uuid[])`.execute(db)
}

/** The connections that live on one grant: one as a rule, more after imports of the same refresh token. */
export async function connectionsOfGrant(db: Db, grantId: string): Promise<LiveRow[]> {
  const { rows } = await sql<JoinedColumns>`${joined} where c.grant_id = ${grantId} order by c.id limit 1000`.execute(db)
  return rows.map((row) => toLive(row)!)
}

/** Writes what the token response says of the account (instance URL …) to all connections of the grant; returns the ids of those it changed. */
export async function mergeConfigOfGrant(db: Db, grantId: string, config: Record<string, unknown>): Promise<string[]> {
  const value = JSON.stringify(config)
  const { rows } = await sql<{ id: string }>`
    with held as (
      select id from connection where grant_id = ${grantId} and not connection_config @> ${value}::jsonb order by id for no key update)
    update connection set connection_config = connection_config || ${value}::jsonb, updated_at = hawser_now()
    where id in (select id from held) returning id`.execute(db)
  return rows.map((row) => row.id)
}
