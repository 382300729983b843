import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Command } from 'commander'
import pg from 'pg'
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { createTestDatabase, type TestDatabase } from '@hawser/testkit/test-database.ts'
import { addSigningKeys } from './signing-keys.ts'

const ENCRYPTION_KEY = randomBytes(32).toString('base64')
const pair = generateKeyPairSync('ed25519')
let database: TestDatabase
let dataDir: string

beforeAll(async () => {
  database = await createTestDatabase()
  dataDir = await mkdtemp(join(tmpdir(), 'hawser-signing-'))
  await writeFile(join(dataDir, 'public.pem'), pair.publicKey.export({ format: 'pem', type: 'spki' }))
  await writeFile(join(dataDir, 'public.jwk'), JSON.stringify(generateKeyPairSync('ed25519').publicKey.export({ format: 'jwk' })))
  await writeFile(join(dataDir, 'private.pem'), pair.privateKey.export({ format: 'pem', type: 'pkcs8' }))
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
  addSigningKeys(program)
  await program.parseAsync(['--json', '--data-dir', dataDir, ...words], { from: 'user' })
  return JSON.parse(String(printed.mock.calls.at(-1)![0])) as Record<string, string>
}
const file = (name: string) => join(dataDir, name)

describe('hawser signing-keys', () => {
  it('add, list and remove keys, and leave a trace', async () => {
    const made = await hawser('signing-keys', 'add', 'backend', file('public.pem'), '--env', 'prod', '--methods', 'get', '--expires', '30d')
    expect(made).toMatchObject({ display_name: 'backend', algorithm: 'EdDSA', limits: { methods: ['GET'] }, made_by: null })
    await hawser('signing-keys', 'add', 'other', file('public.jwk'), '--env', 'prod')
    const names = async (env: string) => (await hawser('signing-keys', 'list', '--env', env)) as unknown as { display_name: string }[]
    expect((await names('prod')).map((key) => key.display_name)).toEqual(['backend', 'other'])
    expect(await names('dev')).toEqual([])
    await expect(hawser('signing-keys', 'remove', made['id']!, '--env', 'dev')).rejects.toThrow('has no signing key of that id')
    expect(await hawser('signing-keys', 'remove', made['id']!, '--env', 'prod')).toEqual({ id: made['id'], removed: true })
    const client = new pg.Client({ connectionString: database.url })
    await client.connect()
    const { rows } = await client.query(
      `select action from audit_event join environment e on e.id = environment_id and e.name = 'prod' where action like 'signing_key%' and subject ->> 'id' = $1 order by at, seq`,
      [made['id']],
    )
    await client.end()
    expect(rows).toEqual([{ action: 'signing_key.create' }, { action: 'signing_key.delete' }])
  })

  it.each([
    [['add', 'x', 'nowhere.pem'], /cannot be read/],
    [['add', 'x', 'private.pem'], /private key/i],
    [['add', 'x', 'public.pem', '--env', 'nowhere'], /No environment is called "nowhere"/],
    [['add', 'x', 'public.pem', '--methods', 'FETCH'], /--methods/],
    [['remove', 'not-an-id'], /by its id/],
  ])('%j is refused in a sentence', async (words, sentence) => {
    const told = words.map((word) => (word.endsWith('.pem') ? file(word) : word))
    await expect(hawser('signing-keys', ...told)).rejects.toMatchObject({
      name: 'CommandFailure',
      message: expect.stringMatching(sentence),
    })
  })
})
