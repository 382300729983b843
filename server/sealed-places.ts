/** Every place in the database where wrapped data keys lie. A test holds it against the schema: what is missing here would be lost in a rotation. */
import { sql } from 'kysely'
import { WEBHOOK_KEY_LABEL } from '#accounts/environment-settings.ts'
import { PENDING_LABEL } from '#connect/pending-oauth.ts'
import { SESSION_LABEL } from '#connect/session.ts'
import { GRANT_LABEL } from '#connections/open-credentials.ts'
import { SECRET_CONFIG_LABEL } from '#connections/secret-config.ts'
import { CLIENT_SECRET_LABEL } from '#integrations/oauth-client.ts'
import { WEBHOOK_SECRET_LABEL } from '#integrations/webhook-secret.ts'
import { sealedColumn, type SealedPlace } from '#vault/sealed-place.ts'

/** With the column that holds the ciphertext, for tests. */
export const sealedColumns = [
  { table: 'environment', column: 'webhook_data_key', sealed: 'webhook_key', label: WEBHOOK_KEY_LABEL, environment: 'id' },
  { table: 'integration', column: 'webhook_data_key', sealed: 'webhook_secret', label: WEBHOOK_SECRET_LABEL },
  { table: 'oauth_client', column: 'data_key', sealed: 'secret', label: CLIENT_SECRET_LABEL },
  { table: 'grant', column: 'data_key', sealed: 'credentials', label: GRANT_LABEL },
  { table: 'connection', column: 'secret_config_data_key', sealed: 'secret_config', label: SECRET_CONFIG_LABEL },
  { table: 'connect_session', column: 'data_key', sealed: 'defaults', label: SESSION_LABEL },
  { table: 'pending_oauth', column: 'data_key', sealed: 'sealed', label: PENDING_LABEL },
] as const

/** Tokens that wait to be revoked lie in their jobs. Few: a connection's grant is revoked once. */
const jobs: SealedPlace = {
  name: 'jobs',
  async older(db, of) {
    const { rows } = await sql<{ id: string; label: string; row_id: string; data_key: Buffer }>`
      select id::text, payload ->> 'label' as label, payload ->> 'integrationId' as row_id, data_key from (${olderJobs(of)}) j
      where id > ${of.after || '0'}::bigint order by j.id limit ${of.limit}`.execute(db)
    return rows.map((row) => ({ key: row.id, label: row.label, rowId: row.row_id, dataKey: row.data_key }))
  },
  async replace(db, rows) {
    let replaced = 0
    for (const { key, dataKey, again } of rows) {
      const { numAffectedRows } = await sql`
        update graphile_worker._private_jobs set payload = jsonb_set(payload::jsonb, '{dataKey}', to_jsonb(${again.toString('base64')}::text))::json
        where id = ${key}::bigint and payload ->> 'dataKey' = ${dataKey.toString('base64')}`.execute(db)
      replaced += Number(numAffectedRows ?? 0n)
    }
    return replaced
  },
  async countOlder(db, of) {
    const { rows } = await sql<{ count: number }>`select count(*) as count from (${olderJobs(of)}) j`.execute(db)
    return rows[0]!.count
  },
}

/** graphile-worker's table: no public interface changes a payload in place (V: its documentation, "Administration functions"). */
const olderJobs = (of: { environmentId: string; generation: number }) => sql`
  select id, payload, data_key from (
    select id, payload, decode(payload ->> 'dataKey', 'base64') as data_key from graphile_worker._private_jobs
    where payload ->> 'environmentId' = ${of.environmentId} and payload ->> 'dataKey' is not null) sealed
  where data_key_generation(data_key) < ${of.generation}`

export const sealedPlaces: readonly SealedPlace[] = [...sealedColumns.map((place) => sealedColumn(place)), jobs]
