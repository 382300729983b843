import { sql, type Kysely, type RawBuilder, type Transaction } from 'kysely'
import type { Limits } from '@hawser/api/limits.ts'
import type { OrgKind } from '@hawser/salesforce/org.ts'
import type { ConnectUi } from './connect-ui-settings.ts'

type Db = Kysely<unknown> | Transaction<unknown>

export interface StoredEnvironment {
  id: string
  name: string
  callbackUrl: string | null
  webhookUrl: string | null
  webhookDataKey: Buffer
  webhookKey: Buffer
  /** `OrgKind`s of `salesforce/org.ts`. */
  refusedOrgKinds: OrgKind[]
  connectUi: ConnectUi
}

interface EnvironmentRow {
  id: string
  name: string
  callback_url: string | null
  webhook_url: string | null
  webhook_data_key: Buffer
  webhook_key: Buffer
  refused_org_kinds: OrgKind[]
  connect_ui: ConnectUi
}

const columns = sql.raw('id, name, callback_url, webhook_url, webhook_data_key, webhook_key, refused_org_kinds, connect_ui')

export async function findEnvironment(db: Db, id: string): Promise<StoredEnvironment | undefined> {
  const { rows } = await sql<EnvironmentRow>`
    select ${columns} from environment where id = ${id}`.execute(db)
  return rows[0] && environmentOf(rows[0])
}

export async function findEnvironmentByName(db: Db, name: string): Promise<StoredEnvironment | undefined> {
  const { rows } = await sql<EnvironmentRow>`
    select ${columns} from environment where name = ${name}`.execute(db)
  return rows[0] && environmentOf(rows[0])
}

function environmentOf(row: EnvironmentRow): StoredEnvironment {
  return {
    id: row.id,
    name: row.name,
    callbackUrl: row.callback_url,
    webhookUrl: row.webhook_url,
    webhookDataKey: row.webhook_data_key,
    webhookKey: row.webhook_key,
    refusedOrgKinds: row.refused_org_kinds,
    connectUi: row.connect_ui,
  }
}

export async function wrappedKeyOf(db: Db, environmentId: string): Promise<Buffer | undefined> {
  const { rows } = await sql<{ wrapped_key: Buffer }>`select wrapped_key from environment where id = ${environmentId}`.execute(db)
  return rows[0]?.wrapped_key
}

/** Two nodes may start at once on an empty database: the first row of a name stays. */
export async function insertEnvironment(
  db: Db,
  row: { id: string; name: string; wrappedKey: Buffer; webhookDataKey: Buffer; webhookKey: Buffer },
): Promise<boolean> {
  const { numAffectedRows } = await sql`
    insert into environment (id, name, wrapped_key, webhook_data_key, webhook_key)
    values (${row.id}, ${row.name}, ${row.wrappedKey}, ${row.webhookDataKey}, ${row.webhookKey})
    on conflict (name) do nothing`.execute(db)
  return numAffectedRows === 1n
}

/** `undefined` leaves a column as it is. */
export async function changeEnvironment(
  db: Db,
  id: string,
  changes: { callbackUrl?: string | null; webhookUrl?: string | null; refusedOrgKinds?: readonly OrgKind[]; connectUi?: ConnectUi },
): Promise<void> {
  const { callbackUrl, webhookUrl, refusedOrgKinds, connectUi } = changes
  const sets = [
    ...(callbackUrl === undefined ? [] : [sql`callback_url = ${callbackUrl}`]),
    ...(webhookUrl === undefined ? [] : [sql`webhook_url = ${webhookUrl}`]),
    ...(refusedOrgKinds === undefined ? [] : [sql`refused_org_kinds = ${[...refusedOrgKinds]}::text[]`]),
    // Two people may change two settings at once.
    ...(connectUi === undefined ? [] : [sql`connect_ui = connect_ui || ${JSON.stringify(connectUi)}::jsonb`]),
  ]
  if (sets.length > 0) await sql`update environment set ${sql.join(sets)} where id = ${id}`.execute(db)
}

export interface FoundKey {
  id: string
  environmentId: string
  environmentName: string
  scopes: string[]
  limits: Limits | undefined
  expiresAt: Date | undefined
}

export async function findKeyByHash(db: Db, secretHash: Buffer): Promise<FoundKey | undefined> {
  const { rows } = await sql<{
    id: string
    environment_id: string
    name: string
    scopes: string[]
    limits: Limits | null
    expires_at: Date | null
  }>`
    select k.id, k.environment_id, e.name, k.scopes, k.limits, k.expires_at
      from api_key k join environment e on e.id = k.environment_id
     where k.secret_hash = ${secretHash} and (k.expires_at is null or k.expires_at > hawser_now())`.execute(db)
  const row = rows[0]
  return (
    row && {
      id: row.id,
      environmentId: row.environment_id,
      environmentName: row.name,
      scopes: row.scopes,
      limits: row.limits ?? undefined,
      expiresAt: row.expires_at ?? undefined,
    }
  )
}

export interface StoredKey {
  id: string
  /** Keys that it descends from, its maker last; some may be gone. */
  made_by: string[]
  display_name: string
  hint: string
  scopes: string[]
  limits: Limits | null
  expires_at: Date | null
  created_at: Date
  last_used_at: Date | null
}

const keyColumns = sql.raw('id, made_by, display_name, hint, scopes, limits, expires_at, created_at, last_used_at')

export async function listKeys(db: Db, environmentId: string): Promise<StoredKey[]> {
  const { rows } = await sql<StoredKey>`
    select ${keyColumns} from api_key
     where environment_id = ${environmentId} order by created_at limit 200`.execute(db)
  return rows
}

export interface NewKey {
  id: string
  /** The key that it is made with; undefined: whoever owns the database. */
  madeBy?: string | undefined
  environmentId: string
  displayName: string
  hint: string
  secretHash: Buffer
  scopes: string[]
  limits?: Limits | undefined
  expiresAt?: Date | undefined
}

/** undefined if the environment has a key of that name, or the secret exists, or the key that it is made with was revoked meanwhile. */
export async function insertKey(db: Db, key: NewKey): Promise<StoredKey | undefined> {
  const { rows } = await sql<StoredKey>`
    insert into api_key (id, made_by, environment_id, display_name, hint, secret_hash, scopes, limits, expires_at)
    select ${key.id}, m.made_by, ${key.environmentId}, ${key.displayName}, ${key.hint}, ${key.secretHash}, ${sql.val(key.scopes)},
      ${key.limits ? JSON.stringify(key.limits) : null}::jsonb, ${key.expiresAt ?? null}::timestamptz
      from (${madeWith(key)}) m
    on conflict do nothing
    returning ${keyColumns}`.execute(db)
  return rows[0]
}

/**
 * One row, `made_by`, or none if the key was revoked. The lock makes a revocation wait for keys that are being made, so that it finds them, and lets none
 * be made afterwards by a node that has not heard of it yet.
 */
export function madeWith({ environmentId, madeBy }: { environmentId: string; madeBy?: string | undefined }): RawBuilder<unknown> {
  if (madeBy === undefined) return sql`select '{}'::uuid[] as made_by`
  return sql`select made_by || id as made_by from api_key where id = ${madeBy} and environment_id = ${environmentId} for key share`
}

export async function keyExists(db: Db, environmentId: string, id: string): Promise<boolean> {
  const { rows } = await sql`select from api_key where id = ${id} and environment_id = ${environmentId}`.execute(db)
  return rows.length > 0
}

/** What was made with a key, or with one of those. */
export async function listKeysMadeBy(db: Db, environmentId: string, id: string): Promise<StoredKey[]> {
  const { rows } = await sql<StoredKey>`
    select ${keyColumns} from api_key
     where environment_id = ${environmentId} and made_by @> ${[id]}::uuid[] order by created_at limit 200`.execute(db)
  return rows
}

export async function deleteKey(db: Db, environmentId: string, id: string): Promise<StoredKey | undefined> {
  const { rows } = await sql<StoredKey>`
    delete from api_key where id = ${id} and environment_id = ${environmentId}
    returning ${keyColumns}`.execute(db)
  return rows[0]
}

/** API keys and signing keys together: one statement for all of a flush. Never moves a time backwards. */
export async function recordKeyUse(db: Db, uses: { id: string; at: Date }[]): Promise<void> {
  await sql`
    with used as (
      select * from unnest(${sql.val(uses.map((use) => use.id))}::uuid[], ${sql.val(uses.map((use) => use.at))}::timestamptz[]) as u(id, at)
    ), signed as (
      update signing_key k set last_used_at = u.at from used u
       where k.id = u.id and (k.last_used_at is null or k.last_used_at < u.at)
    )
    update api_key k set last_used_at = u.at from used u
     where k.id = u.id and (k.last_used_at is null or k.last_used_at < u.at)`.execute(db)
}
