/** For tests: a process that uses credentials until it is killed. Arguments: database URL (nobody need listen there), folder, key in hex. */
import { createSecretKey } from 'node:crypto'
import pino from 'pino'
import { Kysely, PostgresDialect } from 'kysely'
import pg from 'pg'
import { createAudit } from './record-disclosure.ts'

const [url = '', folder = '', key = ''] = process.argv.slice(2)
const pool = new pg.Pool({ connectionString: url, connectionTimeoutMillis: 1_000 })
pool.on('error', () => {})
const kysely = new Kysely<unknown>({ dialect: new PostgresDialect({ pool }) })
const audit = createAudit(
  { db: { kysely } as never, clock: { now: Date.now }, log: pino({ level: 'silent' }) },
  { key: createSecretKey(Buffer.from(key, 'hex')), journal: { folder, maxBytes: 10_000_000 } },
)
let count = 0
setInterval(() => {
  count += 1
  audit.used({ keyId: 'k', environmentId: '01900000-0000-7000-8000-00000000000b', connectionId: 'c', method: 'GET', address: '10.0.0.1' })
  // What was used, and when: the one who kills knows what may be missing.
  process.stdout.write(`${count} ${Date.now()}\n`)
}, 5)
