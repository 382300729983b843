/** An installation with a secret of every kind, and empty databases to restore into. */
import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { createTestDatabase, type TestDatabase } from '@hawser/testkit/test-database.ts'
import { newId } from '#lib/ids.ts'
import { openDatabase, type Database } from '#db/pool.ts'
import { environmentKeyAad } from '#vault/environment-keys.ts'
import { openInstallationSecret } from '#vault/installation-secret.ts'
import { localKeyFromFile, type LocalKey } from '#vault/local-key.ts'
import { createSpool, type Spool } from '#vault/spool.ts'
import { createVault, type Vault } from '#vault/vault.ts'
import type { BackupKey } from './backup-key.ts'
import type { SealedKind } from './open-sample.ts'
import { readRecords, written, type BackupRecord } from './records.ts'
import { opened, sealed } from './container.ts'
import { takeBackup } from './take-backup.ts'

/** As `server/sealed-places.ts` has them; `cli/commands/backup.test.ts` uses the real ones. */
export const KINDS: SealedKind[] = [
  { table: 'environment', column: 'webhook_data_key', sealed: 'webhook_key', label: 'webhook-key', environment: 'id' },
  { table: 'integration', column: 'webhook_data_key', sealed: 'webhook_secret', label: 'webhook-secret' },
  { table: 'oauth_client', column: 'data_key', sealed: 'secret', label: 'client' },
  { table: 'grant', column: 'data_key', sealed: 'credentials', label: 'grant' },
  { table: 'connection', column: 'secret_config_data_key', sealed: 'secret_config', label: 'secret-config' },
  { table: 'connect_session', column: 'data_key', sealed: 'defaults', label: 'session' },
  { table: 'pending_oauth', column: 'data_key', sealed: 'sealed', label: 'pending' },
]

export const PASSPHRASE: BackupKey = { passphrase: 'a passphrase of tests', logN: 1 }
/** What must not be readable in a file. */
export const SECRET = `canary-${randomBytes(12).toString('hex')}`

export interface Installation {
  url: string
  db: Database
  dataDir: string
  key: LocalKey
  vault: Vault
  spool: Spool
  environmentId: string
  integrationId: string
  grantId: string
  take(change?: (records: AsyncIterable<BackupRecord>) => AsyncIterable<BackupRecord>): AsyncGenerator<BackupRecord>
  close(): Promise<void>
}

export async function installation(): Promise<Installation> {
  const [database, dataDir] = await Promise.all([createTestDatabase(), mkdtemp(join(tmpdir(), 'hawser-backup-'))])
  const key = await localKeyFromFile(dataDir)
  const db = await openDatabase({ url: database.url, max: 4 })
  const ids = { environmentId: newId(), integrationId: newId(), grantId: newId() }
  const wrapped = await key.provider.wrap(randomBytes(32), environmentKeyAad(ids.environmentId))
  const vault = createVault({ keyProvider: key.provider, loadWrappedKey: async () => wrapped, saveWrappedKey: async () => wrapped })
  await vault.ready(ids.environmentId)
  await insertAll(db, vault, ids, key.provider.id, wrapped)
  const derive = await openInstallationSecret(db.kysely, key.provider)
  const spool = createSpool(join(dataDir, 'spool'), derive('spool'))
  return {
    ...{ url: database.url, db, dataDir, key, vault, spool, ...ids },
    take: (change = (records) => records) =>
      throughFile(change(takeBackup({ url: database.url, dataDir, program: '0.1.0', now: new Date() }))),
    async close() {
      await db.close()
      await database.close()
      await rm(dataDir, { recursive: true, force: true })
    },
  }
}

/** Written, encrypted, decrypted and read. */
export async function* throughFile(records: AsyncIterable<BackupRecord>): AsyncGenerator<BackupRecord> {
  yield* readRecords(opened(sealed(written(records), PASSPHRASE), PASSPHRASE))
}

async function insertAll(
  db: Database,
  vault: Vault,
  { environmentId, integrationId, grantId }: { environmentId: string; integrationId: string; grantId: string },
  keyId: string,
  wrapped: Buffer,
): Promise<void> {
  const seal = (label: string, id: string) => Object.values(vault.sealNew(environmentId, label, id, SECRET))
  const query = (text: string, values: unknown[]) => db.pool.query(text, values)
  const [clientId, connectionId, sessionId, pendingId] = [newId(), newId(), newId(), newId()]
  await query(`insert into vault (epoch, key_id, generation, home) values ($1, $2, 7, 'here/1')`, [newId(), keyId])
  await query(`insert into environment (id, name, wrapped_key, webhook_data_key, webhook_key) values ($1, 'dev', $2, $3, $4)`, [
    environmentId,
    wrapped,
    ...seal('webhook-key', environmentId),
  ])
  await query(
    `insert into integration (id, environment_id, unique_key, provider, display_name, webhook_data_key, webhook_secret) values ($1, $2, 'crm', 'salesforce', $5, $3, $4)`,
    [integrationId, environmentId, ...seal('webhook-secret', integrationId), 'tab\t, line\n, backslash \\ and \\N, ☃'],
  )
  await query(
    `insert into oauth_client (id, environment_id, integration_id, client_id, data_key, secret) values ($1, $2, $3, 'app', $4, $5)`,
    [clientId, environmentId, integrationId, ...seal('client', clientId)],
  )
  await query(
    `insert into "grant" (id, environment_id, integration_id, auth_mode, oauth_client_id, data_key, credentials) values ($1, $2, $3, 'OAUTH2', $4, $5, $6)`,
    [grantId, environmentId, integrationId, clientId, ...seal('grant', grantId)],
  )
  await query(
    `insert into connection (id, environment_id, integration_id, connection_id, grant_id, secret_config_data_key, secret_config) values ($1, $2, $3, 'c', $4, $5, $6)`,
    [connectionId, environmentId, integrationId, grantId, ...seal('secret-config', connectionId)],
  )
  await query(
    `insert into connect_session (id, environment_id, token_hash, data_key, defaults, expires_at) values ($1, $2, 'hash', $3, $4, now())`,
    [sessionId, environmentId, ...seal('session', sessionId)],
  )
  await query(
    `insert into pending_oauth (state_hash, id, environment_id, integration_id, connect_session_id, browser_hash, data_key, sealed, deadline)
     values ('state', $1, $2, $3, $4, 'browser', $5, $6, now())`,
    [pendingId, environmentId, integrationId, sessionId, ...seal('pending', pendingId)],
  )
}

/** A database with nothing in it, on the tests' server. */
export async function emptyDatabase(): Promise<TestDatabase & { query<T extends pg.QueryResultRow>(text: string): Promise<T[]> }> {
  const cloned = await createTestDatabase()
  const client = new pg.Client({ connectionString: cloned.url })
  await client.connect()
  await client.query('drop schema public cascade; create schema public; drop schema graphile_worker cascade')
  return {
    url: cloned.url,
    query: async <T extends pg.QueryResultRow>(text: string) => (await client.query<T>(text)).rows,
    async close() {
      await client.end()
      await cloned.close()
    },
  }
}
