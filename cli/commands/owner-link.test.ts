import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Command } from 'commander'
import pg from 'pg'
import { afterAll, beforeAll, beforeEach, expect, it, vi } from 'vitest'
import { createTestDatabase, type TestDatabase } from '@hawser/testkit/test-database.ts'
import { addOwnerLink } from './owner-link.ts'

let database: TestDatabase
let dataDir: string
const ENCRYPTION_KEY = randomBytes(32).toString('base64')

beforeAll(async () => {
  database = await createTestDatabase()
  dataDir = await mkdtemp(join(tmpdir(), 'hawser-owner-'))
})
afterAll(async () => {
  await database.close()
  await rm(dataDir, { recursive: true })
})
beforeEach(() => {
  vi.stubEnv('DATABASE_URL', database.url)
  vi.stubEnv('HAWSER_ENCRYPTION_KEY', ENCRYPTION_KEY)
  vi.stubEnv('HAWSER_PUBLIC_URL', 'https://hawser.example.com')
})

async function ownerLink(): Promise<{ url: string; expires_at: string }> {
  const printed = vi.spyOn(console, 'log').mockImplementation(() => {})
  const program = new Command('hawser').option('--json').option('--data-dir <folder>')
  addOwnerLink(program)
  await program.parseAsync(['--json', '--data-dir', dataDir, 'owner-link'], { from: 'user' })
  return JSON.parse(String(printed.mock.calls.at(-1)![0])) as { url: string; expires_at: string }
}

it('makes a link for a day, which ends the one before; 34. each leaves a trace, which holds no token', async () => {
  const first = await ownerLink()
  const second = await ownerLink()
  expect(second.url).toMatch(/^https:\/\/hawser\.example\.com\/dashboard\/welcome#[A-Za-z0-9_-]{43}$/)
  expect(second.url).not.toBe(first.url)
  expect(Date.parse(second.expires_at) - Date.now()).toBeGreaterThan(86_000_000)
  const client = new pg.Client({ connectionString: database.url })
  await client.connect()
  const links = await client.query(`select encode(token_hash, 'hex') as hash from person_link where kind = 'owner'`)
  const { rows } = await client.query(`select actor, subject from audit_event where action = 'person.owner_link'`)
  await client.end()
  expect(links.rows).toHaveLength(1)
  expect(rows).toEqual([1, 2].map(() => ({ actor: { kind: 'command_line' }, subject: { first_owner: true } })))
})
