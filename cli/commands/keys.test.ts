import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Command } from 'commander'
import pg from 'pg'
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { createTestDatabase, type TestDatabase } from '@hawser/testkit/test-database.ts'
import { addKeys } from './keys.ts'

const ENCRYPTION_KEY = randomBytes(32).toString('base64')
let database: TestDatabase
let dataDir: string

beforeAll(async () => {
  database = await createTestDatabase()
  dataDir = await mkdtemp(join(tmpdir(), 'hawser-keys-'))
})
afterAll(async () => {
  await database.close()
  await rm(dataDir, { recursive: true })
})
beforeEach(() => {
  vi.stubEnv('DATABASE_URL', database.url)
  vi.stubEnv('HAWSER_ENCRYPTION_KEY', ENCRYPTION_KEY)
})

async function hawser(...words: string[]): Promise<Record<string, string>> {
  const printed = vi.spyOn(console, 'log').mockImplementation(() => {})
  const program = new Command('hawser').option('--json').option('--data-dir <folder>')
  addKeys(program)
  await program.parseAsync(['--json', '--data-dir', dataDir, ...words], { from: 'user' })
  return JSON.parse(String(printed.mock.calls.at(-1)![0]))
}

async function audited(): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: database.url })
  await client.connect()
  const { rows } = await client.query(`select action, actor, subject from audit_event where action like 'api_key%' order by at, seq`)
  await client.end()
  return rows
}

describe('hawser keys', () => {
  it('34. creating and revoking leave a trace, which holds no key', async () => {
    const made = await hawser('keys', 'create', 'my-server', '--env', 'prod', '--scopes', 'environment:proxy')
    expect(made).toMatchObject({ display_name: 'my-server', scopes: ['environment:proxy'], secret: expect.stringMatching(/^hws_prod_/) })
    await hawser('keys', 'revoke', made['id']!, '--env', 'prod')
    const actor = { kind: 'command_line' }
    expect(await audited()).toEqual([
      { action: 'api_key.create', actor, subject: { display_name: 'my-server', scopes: ['environment:proxy'] } },
      { action: 'api_key.revoke', actor, subject: { id: made['id'] } },
    ])
  })

  it('limits and an end are kept, and listed', async () => {
    const limits = ['--integrations', 'a,b', '--tags', 'Team=red', '--methods', 'get', '--paths', '/services/data/*', '--expires', '30d']
    const made = await hawser('keys', 'create', 'limited', '--env', 'dev', ...limits)
    const expected = { integrations: ['a', 'b'], connections: { tags: { team: 'red' } }, methods: ['GET'], paths: ['/services/data/*'] }
    expect(made['limits']).toEqual(expected)
    expect(Date.parse(made['expires_at']!)).toBeGreaterThan(Date.now() + 29 * 86_400_000)
    expect(await hawser('keys', 'list', '--env', 'dev')).toContainEqual(expect.objectContaining({ id: made['id'], limits: expected }))
  })

  it('revoking one of another environment does nothing', async () => {
    const made = await hawser('keys', 'create', 'other', '--env', 'prod')
    await expect(hawser('keys', 'revoke', made['id']!, '--env', 'dev')).rejects.toThrow('has no key of that id')
    expect(await hawser('keys', 'list', '--env', 'prod')).toEqual([expect.objectContaining({ id: made['id'] })])
  })

  it.each([
    [['keys', 'create', 'x', '--scopes', 'environment:nonsense'], /No such scope: environment:nonsense/],
    [['keys', 'create', 'x', '--env', 'nowhere'], /No environment is called "nowhere"/],
    [['keys', 'revoke', 'not-an-id'], /by its id/],
    [['keys', 'create', 'x', '--expires', 'tomorrow'], /--expires is a duration/],
    [['keys', 'create', 'x', '--expires', '2020-01-01T00:00:00Z'], /a time to come/],
    [['keys', 'create', 'x', '--methods', 'FETCH'], /--methods/],
    [['keys', 'create', 'x', '--paths', 'services'], /--paths: A path begins with/],
    [['keys', 'create', 'x', '--tags', 'red'], /--tags reads like/],
  ])('%j is refused in a sentence', async (words, sentence) => {
    await expect(hawser(...words)).rejects.toThrow(sentence)
  })
})
