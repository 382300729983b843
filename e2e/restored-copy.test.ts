/** A backup of a server that runs, restored and started beside it: the copy must not touch the grants of the original. */
import { cp, mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { verifyBackup } from '../server/backup/verify-backup.ts'
import { backupBytes, openBackup, writePart } from '../server/backup/backup-file.ts'
import type { BackupKey } from '../server/backup/backup-key.ts'
import { restoreDatabase } from '../server/backup/restore-database.ts'
import { takeBackup } from '../server/backup/take-backup.ts'
import { compose, type ComposedServer } from '../server/compose.ts'
import type { Config } from '../server/config.ts'
import { takeOverVault } from '../server/freeze/take-over.ts'
import { reveal, secret } from '../server/lib/secret.ts'
import { openStore, type Store } from '../server/open-store.ts'
import { sealedColumns } from '../server/sealed-places.ts'
import { createLogger } from '../server/telemetry/log.ts'
import { createTestDatabase, type TestDatabase } from '../testkit/test-database.ts'
import { startTestServer, type TestServer } from '../testkit/test-server.ts'
import { addIntegration, addOrgApp, connect, connectionPath, DATA } from './customer.ts'

const INTEGRATION = 'backups'
const KEY: BackupKey = { passphrase: 'a passphrase of tests', logN: 4 }

let server: TestServer
let id: string
let root: string
let file: string
let copied: TestDatabase
const callers = {
  original: (path: string) => call(server.url, path),
  copy: (path: string) => call(`http://localhost:${copyConfig().port}`, path),
}

async function call(origin: string, path: string): Promise<{ status: number; body: Record<string, unknown> }> {
  const headers = { authorization: `Bearer ${server.apiKey}`, 'provider-config-key': INTEGRATION, 'connection-id': id }
  const answer = await fetch(`${origin}${path}`, { headers, signal: AbortSignal.timeout(20_000) })
  return { status: answer.status, body: (await answer.json()) as Record<string, unknown> }
}
const refreshes = () => server.fake.log.counts['token:refresh_token'] ?? 0
const forced = () => connectionPath(id, INTEGRATION, { force_refresh: 'true' })

function copyConfig(): Config {
  const { port, gatewayPort } = server.config
  return { ...server.config, databaseUrl: secret(copied.url), dataDir: join(root, 'copy'), port: port + 4, gatewayPort: gatewayPort + 4 }
}

async function startCopy(): Promise<{ store: Store; composed: ComposedServer; close(): Promise<void> }> {
  const config = copyConfig()
  const store = await openStore(config, { clockOffsetMs: server.clock.now() - Date.now() })
  const log = createLogger({ level: 'silent', write: () => {} })
  const composed = await compose({ config, store, log, clock: server.clock, connector: server.connector, checkReplies: true })
  await composed.listen()
  const close = async () => {
    await composed.close()
    await store.close()
  }
  return { store, composed, close }
}

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'hawser-copy-'))
  server = await startTestServer()
  await addIntegration(server, INTEGRATION, addOrgApp(server, 'acme-uat', 'backups'))
  id = await connect(server, INTEGRATION)
  expect((await callers.original(forced())).status).toBe(200)
  const records = takeBackup({
    ...{ url: reveal(server.config.databaseUrl!), dataDir: server.config.dataDir, program: '0.1.0', now: new Date() },
  })
  const part = await writePart(join(root, 'a.hawser-backup'), backupBytes(records, KEY))
  await part.publish()
  file = join(root, 'a.hawser-backup')
  copied = await createTestDatabase()
  const client = new pg.Client({ connectionString: copied.url })
  await client.connect()
  await client.query('drop schema public cascade; create schema public')
  await client.end()
  await restoreDatabase(openBackup(file, KEY), copied.url, join(root, 'copy'))
})
afterAll(async () => {
  await server?.close()
  await copied?.close()
  await rm(root, { recursive: true, force: true })
})

describe('18. a restored backup beside the original', () => {
  it('serves what works, and makes no token request; the original goes on', async () => {
    const copy = await startCopy()
    try {
      const before = refreshes()
      expect(await callers.copy('/ready')).toEqual({ status: 200, body: { result: 'ok', vault: 'frozen' } })
      expect((await callers.copy(`/proxy${DATA}/limits`)).status).toBe(200)
      expect(await callers.copy(forced())).toMatchObject({ status: 503, body: { error: { code: 'vault_frozen' } } })
      expect(refreshes()).toBe(before)
      expect((await callers.original(forced())).status).toBe(200)
      expect(refreshes()).toBe(before + 1)
    } finally {
      await copy.close()
    }
  })

  it('is whole: every kind of secret that there is opens, and the audit trail of a server that runs has no fault', async () => {
    const { provider } = (await openStore(server.config).then(async (store) => ({
      provider: store.key.provider,
      closed: await store.close(),
    })))!
    const options = { key: KEY, restore: true, sealedKinds: sealedColumns, vaultKey: async () => ({ provider, found: [] }) }
    const verified = await verifyBackup(file, options)
    expect(verified).toMatchObject({ restored: true, faults: [], unchecked: [] })
    expect(verified.sample?.opened).toEqual(expect.arrayContaining(['grant.credentials', 'oauth_client.secret', 'environment.webhook_key']))
    expect(verified.sample?.auditRows).toBeGreaterThan(0)
    expect(verified.sample?.spoolEntries).toBeGreaterThan(0)
  })

  it('goes on after the take-over: the newest tokens that its spool has are put back first', async () => {
    expect(await readdir(join(root, 'copy', 'spool'))).not.toEqual([])
    // The original is gone for good, and its last refresh came after the backup: that token is in its spool alone.
    await server.server.close()
    const newest = join(server.config.dataDir, 'spool')
    await cp(newest, join(root, 'copy', 'spool'), { recursive: true })
    const copy = await startCopy()
    try {
      await takeOverVault(copy.store.db, copyConfig().dataDir)
      const until = performance.now() + 5_000
      while ((await callers.copy('/ready')).body['vault'] !== 'live') if (performance.now() > until) throw new Error('not live within 5 s')
      expect((await callers.copy(forced())).status).toBe(200)
      expect((await callers.copy(forced())).status).toBe(200)
    } finally {
      await copy.close()
    }
  })
})
