/** SQL of the table `integration`. Every query is bound to an environment: a key of another one finds nothing. */
import { sql } from 'kysely'
import type { Kysely } from 'kysely'
import type { AppMigration, IntegrationWithSettings } from './integration.ts'

interface IntegrationRow {
  id: string
  environment_id: string
  unique_key: string
  provider: string
  display_name: string
  scopes: string | null
  forward_webhooks: boolean
  base_url_override_hosts: string[]
  install_url: string | null
  wrong_org_kind: IntegrationWithSettings['wrongOrgKind']
  app_migration: AppMigration | null
  created_at: Date
  updated_at: Date
}

const MOST_LISTED = 2_000

const columns = sql.raw(
  'id, environment_id, unique_key, provider, display_name, scopes, forward_webhooks, base_url_override_hosts, install_url, wrong_org_kind, ' +
    'app_migration, created_at, updated_at',
)

function toIntegration(row: IntegrationRow): IntegrationWithSettings {
  return {
    id: row.id,
    environmentId: row.environment_id,
    uniqueKey: row.unique_key,
    provider: row.provider,
    displayName: row.display_name,
    scopes: row.scopes,
    forwardWebhooks: row.forward_webhooks,
    baseUrlOverrideHosts: row.base_url_override_hosts,
    installUrl: row.install_url,
    wrongOrgKind: row.wrong_org_kind,
    appMigration: row.app_migration,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  }
}

/** Newest first, at most 2,000. `keys`: only these; undefined: all. */
export async function listOf(
  db: Kysely<unknown>,
  environmentId: string,
  keys: readonly string[] | undefined,
): Promise<IntegrationWithSettings[]> {
  const ofKeys = keys === undefined ? sql`` : sql`and unique_key = any(${[...keys]}::text[])`
  const { rows } = await sql<IntegrationRow>`
    select ${columns} from integration where environment_id = ${environmentId} ${ofKeys}
    order by created_at desc, id desc limit ${MOST_LISTED}`.execute(db)
  return rows.map(toIntegration)
}

export async function findByKey(db: Kysely<unknown>, environmentId: string, key: string): Promise<IntegrationWithSettings | undefined> {
  const { rows } = await sql<IntegrationRow>`
    select ${columns} from integration where environment_id = ${environmentId} and unique_key = ${key}`.execute(db)
  return rows[0] && toIntegration(rows[0])
}

/**
 * Holds the row until the transaction ends, so that two changes of one integration follow each other. New connections and grants of it do not
 * wait: who stores one may hold a grant that the change waits for.
 */
export async function holdByKey(db: Kysely<unknown>, environmentId: string, key: string): Promise<IntegrationWithSettings | undefined> {
  const { rows } = await sql<IntegrationRow>`
    select ${columns} from integration where environment_id = ${environmentId} and unique_key = ${key} for no key update`.execute(db)
  return rows[0] && toIntegration(rows[0])
}

/** Holds the row against everything, before it is deleted. */
export async function lockByKey(db: Kysely<unknown>, environmentId: string, key: string): Promise<IntegrationWithSettings | undefined> {
  const { rows } = await sql<IntegrationRow>`
    select ${columns} from integration where environment_id = ${environmentId} and unique_key = ${key} for update`.execute(db)
  return rows[0] && toIntegration(rows[0])
}

export interface NewIntegration {
  id: string
  environmentId: string
  uniqueKey: string
  provider: string
  displayName: string
  scopes: string | null
  forwardWebhooks: boolean
  baseUrlOverrideHosts: readonly string[]
  installUrl: string | null
  wrongOrgKind: IntegrationWithSettings['wrongOrgKind']
}

/** Undefined if the key is taken. */
export async function insert(db: Kysely<unknown>, made: NewIntegration): Promise<IntegrationWithSettings | undefined> {
  const { rows } = await sql<IntegrationRow>`
    insert into integration (id, environment_id, unique_key, provider, display_name, scopes, forward_webhooks, base_url_override_hosts,
      install_url, wrong_org_kind)
    values (${made.id}, ${made.environmentId}, ${made.uniqueKey}, ${made.provider}, ${made.displayName}, ${made.scopes},
      ${made.forwardWebhooks}, ${[...made.baseUrlOverrideHosts]}::text[], ${made.installUrl}, ${made.wrongOrgKind})
    on conflict (environment_id, unique_key) do nothing
    returning ${columns}`.execute(db)
  return rows[0] && toIntegration(rows[0])
}

export interface IntegrationChanges {
  uniqueKey?: string | undefined
  displayName?: string | undefined
  scopes?: string | undefined
  forwardWebhooks?: boolean | undefined
  baseUrlOverrideHosts?: readonly string[] | undefined
  installUrl?: string | null | undefined
  wrongOrgKind?: IntegrationWithSettings['wrongOrgKind'] | undefined
  appMigration?: AppMigration | undefined
}

/** Writes only the columns that are given. Throws PostgreSQL's 23505 if the new key is taken. */
export async function update(db: Kysely<unknown>, id: string, changes: IntegrationChanges): Promise<IntegrationWithSettings | undefined> {
  const sets = [sql`updated_at = hawser_now()`]
  if (changes.uniqueKey !== undefined) sets.push(sql`unique_key = ${changes.uniqueKey}`)
  if (changes.displayName !== undefined) sets.push(sql`display_name = ${changes.displayName}`)
  if (changes.scopes !== undefined) sets.push(sql`scopes = ${changes.scopes === '' ? null : changes.scopes}`)
  if (changes.forwardWebhooks !== undefined) sets.push(sql`forward_webhooks = ${changes.forwardWebhooks}`)
  if (changes.baseUrlOverrideHosts !== undefined) sets.push(sql`base_url_override_hosts = ${[...changes.baseUrlOverrideHosts]}::text[]`)
  if (changes.installUrl !== undefined) sets.push(sql`install_url = ${changes.installUrl}`)
  if (changes.wrongOrgKind !== undefined) sets.push(sql`wrong_org_kind = ${changes.wrongOrgKind}`)
  if (changes.appMigration !== undefined) sets.push(sql`app_migration = ${JSON.stringify(changes.appMigration)}::jsonb`)
  const { rows } = await sql<IntegrationRow>`update integration set ${sql.join(sets)} where id = ${id} returning ${columns}`.execute(db)
  return rows[0] && toIntegration(rows[0])
}

export async function setWebhookSecret(db: Kysely<unknown>, id: string, dataKey: Buffer | null, secret: Buffer | null): Promise<void> {
  await sql`update integration set webhook_data_key = ${dataKey}, webhook_secret = ${secret} where id = ${id}`.execute(db)
}

export async function hasConnection(db: Kysely<unknown>, id: string, connectionId: string): Promise<boolean> {
  const { rows } = await sql`select from connection where integration_id = ${id} and connection_id = ${connectionId}`.execute(db)
  return rows.length > 0
}

/** Connections, grants and clients go with it. */
export async function remove(db: Kysely<unknown>, id: string): Promise<void> {
  await sql`delete from integration where id = ${id}`.execute(db)
}
