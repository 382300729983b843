import { createHash, randomBytes } from 'node:crypto'
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Kysely, PostgresDialect } from 'kysely'
import pg from 'pg'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { migrateWithin } from '#db/migrate.ts'
import { openDatabase } from '#db/pool.ts'
import { vaultReport } from '#freeze/take-over.ts'
import { newId } from '#lib/ids.ts'
import { createQueue } from '#queue/graphile-queue.ts'
import { backupBytes, writePart } from './backup-file.ts'
import { emptyDatabase, installation, KINDS, PASSPHRASE, SECRET, throughFile, type Installation } from './backup-rig.ts'
import { openSample } from './open-sample.ts'
import { DamagedBackup } from './damaged.ts'
import { ourMigrations, ourTables } from './our-tables.ts'
import { readWhole } from './read-whole.ts'
import type { BackupRecord } from './records.ts'
import { restoreDatabase } from './restore-database.ts'
import { rowCounter, takeBackup } from './take-backup.ts'

let from: Installation
let into: Awaited<ReturnType<typeof emptyDatabase>>
let folder: string
beforeAll(async () => void (from = await installation()))
afterAll(() => from.close())
beforeEach(async () => void ([into, folder] = await Promise.all([emptyDatabase(), mkdtemp(join(tmpdir(), 'hawser-restore-'))])))
afterEach(async () => {
  await into.close()
  await rm(folder, { recursive: true })
})

const tablesIn = (schema = 'public') =>
  into.query<{ name: string }>(
    `select relname as name from pg_class where relkind = 'r' and relnamespace = '${schema}'::regnamespace order by 1`,
  )

type Change = (record: BackupRecord) => BackupRecord[]
const changing = (change: Change) =>
  async function* (records: AsyncIterable<BackupRecord>) {
    for await (const record of records) yield* change(record)
  }

describe('a backup', () => {
  it('knows every table of the schema, and no other', async () => {
    const { rows } = await from.db.pool.query<{ name: string }>(
      `select relname as name from pg_class where relkind in ('r', 'p') and relnamespace = 'public'::regnamespace and relname not like 'schema_migration%'
         and not relispartition and relname <> 'activity' order by 1`,
    )
    const left = ['person_session', 'person_link', 'person_challenge', 'pending_sso']
    expect((await ourTables(await ourMigrations())).toSorted()).toEqual(rows.map(({ name }) => name).filter((name) => !left.includes(name)))
  })

  it('holds everything: each secret opens after the restore, and each row is the same', async () => {
    await restoreDatabase(from.take(), into.url, folder)
    const sample = await openSample(into.url, folder, from.key.provider, KINDS)
    expect(sample).toMatchObject({ faults: [], empty: [] })
    expect(sample.opened).toHaveLength(KINDS.length)
    for (const table of (await ourTables(await ourMigrations())).filter((name) => name !== 'vault')) {
      const text = `select coalesce(jsonb_agg(t order by t::text), '[]') as rows from "${table}" t`
      expect((await into.query(text))[0], table).toEqual((await from.db.pool.query(text)).rows[0])
    }
    expect(await into.query('select name from schema_migration order by name')).toEqual((await ourMigrations()).map((name) => ({ name })))
  })

  it('15. brings no session, link or sign-in of people back, nor the tokens that a session made', async () => {
    const { pool } = from.db
    const person = newId()
    const session = newId()
    await pool.query(`insert into person (id, email, name) values ($1, 'ada@example.com', 'Ada')`, [person])
    await pool.query(
      `insert into person_session (id, person_id, token_hash, expires_at, confirmed_at, way, created_at, updated_at)
       values ($1, $2, 'hash', now() + interval '7 days', now(), 'password', now(), now())`,
      [session, person],
    )
    await pool.query(`insert into person_link (id, kind, token_hash, expires_at) values ($1, 'owner', 'h', now() + interval '1 day')`, [
      newId(),
    ])
    await pool.query(`insert into pending_sso (state_hash, expires_at) values ('h', now() + interval '1 hour')`)
    await pool.query(
      `insert into connection_token (id, environment_id, connection_id, token_hash, person_session_id, expires_at)
       select $1, environment_id, id, 'of a session', $2, now() + interval '1 hour' from connection`,
      [newId(), session],
    )
    const held: string[] = []
    const named = changing((record) => {
      if (record.kind === 'T') held.push(record.value.name)
      return [record]
    })
    try {
      await restoreDatabase(from.take(named), into.url, undefined)
      expect(held.filter((name) => /^(person_(session|link|challenge)|pending_sso)$/.test(name))).toEqual([])
      expect(held).toContain('person')
      expect(await into.query('select from connection_token')).toEqual([])
      expect(await into.query('select email from person')).toEqual([{ email: 'ada@example.com' }])
      for (const table of ['person_session', 'person_link', 'person_challenge', 'pending_sso'])
        expect(await into.query(`select from ${table}`), table).toEqual([])
    } finally {
      await pool.query(`delete from person; delete from person_link; delete from pending_sso`)
    }
  })

  it('leaves the database as a server finds it: keys, triggers, indexes, identities that go on', async () => {
    await from.db.pool.query(`select setval(pg_get_serial_sequence('connection', 'number'), 41)`)
    await restoreDatabase(from.take(), into.url, undefined)
    const parts = `select (select jsonb_agg(pg_get_constraintdef(oid) order by conrelid::regclass::text, pg_get_constraintdef(oid)) from pg_constraint where connamespace = 'public'::regnamespace) as constraints,
      (select jsonb_agg(tgname || ' ' || tgenabled::text || ' ' || tgrelid::regclass::text order by tgname, tgrelid::regclass::text) from pg_trigger where not tgisinternal and tgrelid::regclass::text not like 'graphile%') as triggers,
      (select jsonb_agg(indexdef order by indexname) from pg_indexes where schemaname = 'public') as indexes`
    expect((await into.query(parts))[0]).toEqual((await from.db.pool.query(parts)).rows[0])
    const [next] = await into.query<{ number: string }>(
      `insert into connection (id, environment_id, integration_id, connection_id) select gen_random_uuid(), environment_id, id, 'next' from integration returning number`,
    )
    expect(Number(next!.number)).toBe(42)
  })

  it('is one moment of a database that is written to', async () => {
    const writer = new pg.Client({ connectionString: from.url })
    await writer.connect()
    const id = newId()
    let written = false
    const whileWritten = async function* (records: AsyncIterable<BackupRecord>) {
      for await (const record of records) {
        yield record
        // Between the table of environments, which is in the file now, and those that come later.
        if (record.kind === 'E' && !written) {
          written = true
          await writer.query('begin')
          await writer.query(
            `insert into environment (id, name, wrapped_key, webhook_data_key, webhook_key) values ($1, 'later', 'x', 'x', 'x')`,
            [id],
          )
          await writer.query(
            `insert into integration (id, environment_id, unique_key, provider, display_name) values ($1, $1, 'later', 'p', 'd')`,
            [id],
          )
          await writer.query('commit')
        }
      }
    }
    await restoreDatabase(from.take(whileWritten), into.url, undefined)
    await writer.query('delete from environment where id = $1', [id])
    await writer.end()
    expect(written).toBe(true)
    expect(await into.query(`select unique_key from integration`)).toEqual([{ unique_key: 'crm' }])
  })

  it('holds the jobs that wait, but those by the clock', async () => {
    const queue = createQueue(from.db)
    const runAt = new Date('2030-01-02T03:04:05Z')
    await queue.add('deliver-event', { eventId: 'tab\t and "quote"' }, { runAt, key: 'k', maxAttempts: 9 })
    await queue.add('clean-up', {})
    const { summary } = await restoreDatabase(from.take(), into.url, undefined)
    await from.db.pool.query('delete from graphile_worker._private_jobs')
    expect(summary.jobs).toBe(1)
    expect(
      await into.query(
        `select j.key, j.max_attempts, j.run_at, p.payload from graphile_worker.jobs j join graphile_worker._private_jobs p using (id) where j.task_identifier <> 'x'`,
      ),
    ).toEqual([{ key: 'k', max_attempts: 9, run_at: runAt, payload: { eventId: 'tab\t and "quote"' } }])
  })

  it('holds spool and audit notes of the data directory, and overwrites none', async () => {
    const id = await from.spool.put({ grantId: from.grantId, version: 3, sealed: Buffer.from('newer tokens') })
    const kept = await from.spool.put({ grantId: from.grantId, version: 4, sealed: Buffer.from('newest') })
    await mkdir(join(from.dataDir, 'audit'))
    await writeFile(join(from.dataDir, 'audit', `${from.grantId}.head`), '{}')
    await mkdir(join(folder, 'spool'))
    await writeFile(join(folder, 'spool', `${kept}.spool`), 'what was there')
    const { keptFiles } = await restoreDatabase(from.take(), into.url, folder)
    await rm(join(from.dataDir, 'audit'), { recursive: true })
    expect(keptFiles).toEqual([`spool/${kept}.spool`])
    expect(await readFile(join(folder, 'spool', `${kept}.spool`), 'utf8')).toBe('what was there')
    expect(await readFile(join(folder, 'spool', `${id}.spool`))).toEqual(await readFile(join(from.dataDir, 'spool', `${id}.spool`)))
    expect(await readdir(join(folder, 'audit'))).toEqual([`${from.grantId}.head`])
    expect(await readdir(folder)).not.toContain('vault.key')
  })

  it('holds no secret that can be read, in whatever form, and the vault key only when asked', async () => {
    const part = await writePart(join(folder, 'a.hawser-backup'), backupBytes(takeBackup(sourceOf(from)), PASSPHRASE))
    const file = await readFile(part.path)
    const key = (await readFile(join(from.dataDir, 'vault.key'), 'utf8')).trim()
    for (const secret of [SECRET, key, from.key.provider.id, 'crm', 'salesforce'])
      for (const form of [
        secret,
        Buffer.from(secret).toString('hex'),
        Buffer.from(secret).toString('base64').replace(/=+$/, '').slice(0, -1),
      ])
        expect(file.includes(form), form).toBe(false)
    const content: string[] = []
    for await (const record of from.take())
      content.push(record.kind === 'D' ? record.bytes.toString('latin1') : JSON.stringify(record.value))
    expect(content.join('')).toContain('salesforce')
    for (const secret of [SECRET, Buffer.from(SECRET).toString('hex'), key]) expect(content.join('')).not.toContain(secret)

    const withKey: string[] = []
    for await (const record of takeBackup({ ...sourceOf(from), keyFile: async () => 'vault.key' }))
      if (record.kind === 'D') withKey.push(String(record.bytes))
    expect(withKey.join('')).toContain(key)
  })
})

const sourceOf = ({ url, dataDir }: Installation) => ({ url, dataDir, program: '0.1.0', now: new Date() })

describe('a restored database', () => {
  it('18. is frozen for every data directory, and for who names its epoch', async () => {
    const { beginning } = await restoreDatabase(from.take(), into.url, undefined)
    const db = await openDatabase({ url: into.url, max: 1 })
    expect(await vaultReport(db, folder, undefined)).toMatchObject({ frozen: 'moved' })
    expect(await vaultReport(db, folder, beginning.epoch)).toMatchObject({ frozen: 'moved', epoch: beginning.epoch })
    await writeFile(join(folder, 'epoch'), JSON.stringify({ epoch: beginning.epoch, generation: 7 }))
    expect(await vaultReport(db, folder, undefined)).toMatchObject({ frozen: 'moved' })
    await db.close()
  })

  it('may come from an older schema, which is built first and migrated up: 18. frozen too', async () => {
    const old = await emptyDatabase()
    const client = new pg.Client({ connectionString: old.url })
    await client.connect()
    const pool = { connect: async () => ({ query: client.query.bind(client), release() {} }), end: async () => {} }
    await migrateWithin(new Kysely({ dialect: new PostgresDialect({ pool: pool as never }) }), '0003_key_limits')
    await client.query(`insert into vault (epoch, key_id) values ($1, 'local:0123456789abcdef')`, [newId()])
    await client.query(`insert into environment (id, name, wrapped_key, webhook_data_key, webhook_key) values ($1, 'dev', 'x', 'x', 'x')`, [
      newId(),
    ])
    await client.end()
    const { beginning, migrated } = await restoreDatabase(
      throughFile(takeBackup({ url: old.url, dataDir: folder, program: '0.1.0', now: new Date() })),
      into.url,
      undefined,
    )
    await old.close()
    expect(beginning.migrations.at(-1)).toBe('0003_key_limits')
    expect(migrated).toEqual((await ourMigrations()).slice(3))
    expect(await into.query('select name, oldest_key_generation from environment')).toEqual([{ name: 'dev', oldest_key_generation: 1 }])
    const db = await openDatabase({ url: into.url, max: 1 })
    expect(await vaultReport(db, folder, undefined)).toMatchObject({ frozen: 'moved' })
    await db.close()
  })

  it('takes seconds for 20,000 rows', async () => {
    const big = await installation()
    await big.db.pool.query(
      `insert into audit_event select gen_random_uuid(), n, $1, now(), '{"kind":"key"}', 'credentials.used', '{"connection":"c"}', 1, sha256(n::text::bytea), sha256(n::text::bytea) from generate_series(1, 20000) n`,
      [big.environmentId],
    )
    const began = performance.now()
    const { summary } = await restoreDatabase(big.take(), into.url, undefined)
    expect(summary.tables.find(({ name }) => name === 'audit_event')?.rows).toBe(20_000)
    expect(performance.now() - began).toBeLessThan(15_000)
    await big.close()
  })
})

describe('nothing is restored', () => {
  const nothing = async () => expect(await tablesIn()).toEqual([])

  it('over tables that are there', async () => {
    await into.query('create table theirs (id int)')
    await expect(restoreDatabase(from.take(), into.url, undefined)).rejects.toThrow('the database is not empty (it has theirs')
    expect(await tablesIn()).toEqual([{ name: 'theirs' }])
  })

  it('of a newer release', async () => {
    const newer = changing((record) =>
      record.kind === 'B'
        ? [{ ...record, value: { ...record.value, program: '9.0.0', migrations: [...record.value.migrations, '9999_later'] } }]
        : [record],
    )
    await expect(restoreDatabase(from.take(newer), into.url, undefined)).rejects.toThrow(
      /newer release of Hawser \(9\.0\.0, with 9999_later\)/,
    )
    await nothing()
  })

  it.each<[string, Change, RegExp, 'sums'?]>([
    [
      'altered rows',
      (r) => (r.kind === 'D' ? [{ ...r, bytes: Buffer.from(r.bytes.toString('latin1').replace('crm', 'erp'), 'latin1') }] : [r]),
      /rows of integration/,
      'sums',
    ],
    ['no end', (r) => (r.kind === 'Z' ? [] : [r]), /has no end/, 'sums'],
    [
      'a table left out of the end',
      (r) => (r.kind === 'Z' ? [{ ...r, value: { ...r.value, tables: r.value.tables.slice(1) } }] : [r]),
      /does not hold what its end says/,
      'sums',
    ],
    ['something after its end', (r) => (r.kind === 'Z' ? [r, r] : [r]), /goes on after its end/, 'sums'],
    [
      'a table that is none of ours',
      (r) => (r.kind === 'T' && r.value.name === 'frozen' ? [{ ...r, value: { ...r.value, name: 'pg_authid' } }] : [r]),
      /"pg_authid" that does not belong/,
    ],
    ['a file elsewhere', (r) => (r.kind === 'Z' ? [{ kind: 'F', value: { path: 'audit/../../x' } }, r] : [r]), /does not belong in one/],
  ])('of a file with %s', async (_name, change, message, sums) => {
    await expect(restoreDatabase(from.take(changing(change)), into.url, folder)).rejects.toThrow(message)
    await nothing()
    if (sums) await expect(readWhole(from.take(changing(change)))).rejects.toBeInstanceOf(DamagedBackup)
  })

  it('of rows that refer to nothing, although all sums are right', async () => {
    let sums: Record<string, unknown> = {}
    let table = ''
    const orphans = changing((record) => {
      if (record.kind === 'T') table = record.value.name
      if (table !== 'environment' && record.kind !== 'Z') return [record]
      if (record.kind === 'D') return []
      sums = { ...rowCounter().end() }
      if (record.kind === 'E') return [{ ...record, value: sums as never }]
      if (record.kind !== 'Z') return [record]
      return [
        {
          ...record,
          value: {
            ...record.value,
            tables: record.value.tables.map((each) => (each.name === 'environment' ? { name: each.name, ...sums } : each)) as never,
          },
        },
      ]
    })
    await expect(restoreDatabase(from.take(orphans), into.url, undefined)).rejects.toThrow(/foreign key/)
    await nothing()
  })
})

describe('memory', () => {
  it('PostgreSQL waits while nobody takes what it sends', async () => {
    const big = await installation()
    await big.db.pool.query(
      `insert into issue (id, environment_id, connection_id, kind, diagnosis) select gen_random_uuid(), environment_id, id, n::text, to_jsonb(repeat(md5(n::text), 100)) from connection, generate_series(1, 20000) n`,
    )
    const records = takeBackup(sourceOf(big))
    let table = ''
    for (let next = await records.next(); !next.done; next = await records.next()) {
      if (next.value.kind === 'T') table = next.value.value.name
      if (table === 'issue' && next.value.kind === 'D') break
    }
    const until = performance.now() + 10_000
    let waits: string | undefined
    while (waits !== 'ClientWrite' && performance.now() < until) {
      const { rows } = await big.db.pool.query<{ event: string }>(
        `select wait_event as event from pg_stat_activity where application_name = 'hawser-backup' and datname = current_database()`,
      )
      waits = rows[0]?.event
    }
    expect(waits).toBe('ClientWrite')
    let bytes = 0
    const hash = createHash('sha256').update(randomBytes(1))
    for await (const record of records) if (record.kind === 'D') bytes += hash.update(record.bytes) && record.bytes.length
    expect(bytes).toBeGreaterThan(60_000_000)
    await big.close()
  })
})
