/** SQL of the table `signing_key`. */
import { sql, type Kysely } from 'kysely'
import type { Limits } from '@hawser/api/limits.ts'
import type { SigningAlgorithm } from './public-key.ts'
import { madeWith } from './store.ts'

export interface StoredSigningKey {
  id: string
  /** API keys that it descends from, its maker last; some may be gone. */
  made_by: string[]
  environment_id: string
  display_name: string
  algorithm: SigningAlgorithm
  /** SPKI, PEM. */
  public_key: string
  thumbprint: string
  limits: Limits | null
  expires_at: Date | null
  created_at: Date
  last_used_at: Date | null
}

const columns = sql.raw(
  'id, made_by, environment_id, display_name, algorithm, public_key, thumbprint, limits, expires_at, created_at, last_used_at',
)

export async function listSigningKeysOf(db: Kysely<unknown>, environmentId: string): Promise<StoredSigningKey[]> {
  const { rows } = await sql<StoredSigningKey>`
    select ${columns} from signing_key where environment_id = ${environmentId} order by created_at, id limit 200`.execute(db)
  return rows
}

/** Of whatever environment: the key names it. undefined: unknown, or over. */
export async function findSigningKey(db: Kysely<unknown>, id: string): Promise<StoredSigningKey | undefined> {
  const { rows } = await sql<StoredSigningKey>`
    select ${columns} from signing_key where id = ${id} and (expires_at is null or expires_at > hawser_now())`.execute(db)
  return rows[0]
}

export interface NewSigningKey {
  id: string
  /** The API key that registers it; undefined: whoever owns the database. */
  madeBy?: string | undefined
  environmentId: string
  displayName: string
  algorithm: SigningAlgorithm
  publicKey: string
  thumbprint: string
  limits: Limits | undefined
  expiresAt: Date | undefined
}

/** undefined if the environment has a signing key of that name, or the API key was revoked meanwhile. */
export async function insertSigningKey(db: Kysely<unknown>, key: NewSigningKey): Promise<StoredSigningKey | undefined> {
  const { rows } = await sql<StoredSigningKey>`
    insert into signing_key (id, made_by, environment_id, display_name, algorithm, public_key, thumbprint, limits, expires_at)
    select ${key.id}, m.made_by, ${key.environmentId}, ${key.displayName}, ${key.algorithm}, ${key.publicKey}, ${key.thumbprint},
      ${key.limits ? JSON.stringify(key.limits) : null}::jsonb, ${key.expiresAt ?? null}::timestamptz
      from (${madeWith(key)}) m
    on conflict do nothing returning ${columns}`.execute(db)
  return rows[0]
}

export async function deleteSigningKeyOf(db: Kysely<unknown>, environmentId: string, id: string): Promise<boolean> {
  const { numAffectedRows } = await sql`delete from signing_key where id = ${id} and environment_id = ${environmentId}`.execute(db)
  return numAffectedRows === 1n
}

/** What was registered with an API key, or with one that was made with it. */
export async function listSigningKeysMadeBy(db: Kysely<unknown>, environmentId: string, apiKeyId: string): Promise<StoredSigningKey[]> {
  const { rows } = await sql<StoredSigningKey>`
    select ${columns} from signing_key
     where environment_id = ${environmentId} and made_by @> ${[apiKeyId]}::uuid[] order by created_at, id limit 200`.execute(db)
  return rows
}
