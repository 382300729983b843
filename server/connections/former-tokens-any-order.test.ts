/** Imports, sign-ins, refreshes and deletions in any order, at a provider that rotates: no step costs a grant that a connection here lives on. */
import fc from 'fast-check'
import { sql } from 'kysely'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { createTestDatabase, type TestDatabase } from '@hawser/testkit/test-database.ts'
import type { AuthMode } from '#auth-modes/auth-mode.ts'
import type { StoredIntegration } from '#integrations/integration.ts'
import type { TokenOutcome } from '#oauth/token-response.ts'
import { newId } from '#lib/ids.ts'
import { call } from './call-for-tests.ts'
import type { OAuth2Credentials } from './connection.ts'
import { openCredentials } from './open-credentials.ts'
import { addIntegration, createNode, createWorld, environmentId, type Node, type World } from './node-for-tests.ts'
import { liveByName } from './store.ts'
import { refused } from './token-endpoint-for-tests.ts'

const NAMES = ['a', 'b', 'c'] as const
type Name = (typeof NAMES)[number]

type Step =
  | { do: 'sign-in' | 'refresh' | 'delete'; name: Name }
  /** `token`: which of all that the provider ever handed out, as if an export of that day were run again. */
  | { do: 'import'; name: Name; token: number }
  | { do: 'revoke' }

const name = fc.constantFrom(...NAMES)
const step: fc.Arbitrary<Step> = fc.oneof(
  { arbitrary: fc.record({ do: fc.constantFrom('sign-in' as const, 'delete' as const), name }), weight: 2 },
  { arbitrary: fc.record({ do: fc.constant('refresh' as const), name }), weight: 3 },
  { arbitrary: fc.record({ do: fc.constant('import' as const), name, token: fc.nat(30) }), weight: 5 },
  { arbitrary: fc.constant({ do: 'revoke' as const }), weight: 1 },
)

let test: TestDatabase
let world: World
let node: Node
let provider: ReturnType<typeof createProvider>
let integration: StoredIntegration

const mode: AuthMode = {
  name: 'OAUTH2',
  canRefresh: () => true,
  refresh: ({ credentials }) => provider.refresh(String(credentials['refresh_token'])),
  apply: () => ({}),
}

beforeAll(async () => {
  test = await createTestDatabase()
  world = await createWorld(test.url)
  node = await createNode(world, { authMode: () => mode, revokeToken: async ({ token }) => provider.revoke(token) })
})
afterAll(async () => {
  await world.close()
  await test.close()
})

/** Tokens read `<family>/<count>`; only the newest of a living family works, and the use of another ends it, as does a revocation of any. */
function createProvider() {
  const newest = new Map<string, number>()
  const made = {
    tokens: [] as string[],
    /** In the order of the calls. */
    sentFormer: [] as string[],
    revoked: [] as string[],
    lives: (token: string) => newest.get(token.split('/')[0]!) === Number(token.split('/')[1]),
    hand(family: string, count: number): string {
      newest.set(family, count)
      made.tokens.push(`${family}/${count}`)
      return `${family}/${count}`
    },
    async refresh(token: string): Promise<TokenOutcome> {
      const [family, count] = token.split('/') as [string, string]
      if (!made.lives(token)) {
        made.sentFormer.push(token)
        newest.delete(family)
        return refused('invalid_grant')
      }
      const raw = { access_token: `at-${newId()}`, refresh_token: made.hand(family, Number(count) + 1) }
      return { ok: true, tokens: { ...raw, raw } }
    },
    revoke(token: string): void {
      made.revoked.push(token)
      newest.delete(token.split('/')[0]!)
    },
  }
  return made
}

async function heldBy(connection: Name): Promise<string | undefined> {
  const live = await liveByName(node.db.kysely, environmentId, integration.uniqueKey, connection)
  if (!live?.grant) return undefined
  return (openCredentials(world.vault, live.grant) as OAuth2Credentials).refresh_token
}

/** The connections that work, with the token they live on. */
async function working(): Promise<Map<Name, string>> {
  const found = new Map<Name, string>()
  for (const connection of NAMES) {
    const token = await heldBy(connection)
    if (token !== undefined && provider.lives(token)) found.set(connection, token)
  }
  return found
}

const bring = (connection: Name, refreshToken: string) =>
  call(node.connections.handlers, 'importConnection', {
    body: {
      ...{ provider_config_key: integration.uniqueKey, connection_id: connection },
      credentials: { type: 'OAUTH2', access_token: 'at', refresh_token: refreshToken },
    },
  })

async function signIn(connection: Name): Promise<void> {
  await node.connections.save({
    ...{ environmentId, environmentName: 'dev', integration, authMode: 'OAUTH2', connectionId: connection },
    credentials: { type: 'OAUTH2', access_token: 'at', refresh_token: provider.hand(newId(), 0), raw: {} },
    ...{ client: { kind: 'integration' }, connectionConfig: {}, actor: {} },
  })
}

async function refresh(connection: Name): Promise<void> {
  const live = await node.connections.find(environmentId, integration.uniqueKey, connection)
  await node.connections.fresh(live, { force: true })
}

async function revokeAllQueued(): Promise<void> {
  const { rows } = await sql<{ payload: never }>`
    with taken as (delete from graphile_worker._private_jobs returning id, payload) select payload from taken order by id`.execute(
    node.db.kysely,
  )
  for (const { payload } of rows) await node.connections.jobs['revoke-grant']!(payload)
}

const remove = (connection: Name) =>
  call(node.connections.handlers, 'deleteConnection', {
    params: { connectionId: connection },
    query: { provider_config_key: integration.uniqueKey },
  })

async function take(one: Step): Promise<void> {
  if (one.do === 'revoke') return revokeAllQueued()
  if (one.do === 'sign-in') return signIn(one.name)
  if (one.do === 'import') return void (await bring(one.name, provider.tokens[one.token % provider.tokens.length]!))
  return one.do === 'delete' ? void (await remove(one.name)) : refresh(one.name)
}

/** What a step may end: the grant of the connection it is about, where it puts another in its place by the caller's own will. */
function mayEnd(one: Step): Name | undefined {
  return one.do === 'sign-in' || one.do === 'delete' || one.do === 'import' ? one.name : undefined
}

it('no former token ends a living grant, and none is revoked that a connection lives on', { timeout: 60_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 6, maxLength: 16 }), async (steps) => {
      provider = createProvider()
      integration = await addIntegration(node)
      await sql`delete from graphile_worker._private_jobs`.execute(node.db.kysely)
      // As a migration brings them in: the provider's first tokens, one of which two connections share.
      const [shared, own] = [provider.hand(newId(), 0), provider.hand(newId(), 0)]
      for (const [connection, token] of [
        ['a', shared],
        ['b', shared],
        ['c', own],
      ] as const)
        await bring(connection, token)
      const everHad = new Map<Name, Set<string>>(NAMES.map((one) => [one, new Set()]))
      for (const one of [...steps, { do: 'revoke' } as const]) {
        const before = await working()
        for (const [connection, token] of before) everHad.get(connection)!.add(token)
        const error = await take(one).then(
          () => undefined,
          (failure: { code?: unknown }) => failure,
        )
        // What failed has a name, and has changed nothing.
        if (error) expect(error).toHaveProperty('code')
        if (one.do === 'delete') everHad.get(one.name)!.clear()
        const after = await working()
        for (const [connection] of before) {
          const replaced = mayEnd(one) === connection && !error
          if (!replaced) expect(after.has(connection), `${connection} after ${JSON.stringify(one)}`).toBe(true)
          // Its own past never takes the place of its present.
          if (one.do === 'import' && replaced && !after.has(connection))
            expect(everHad.get(connection)).not.toContain(provider.tokens[one.token % provider.tokens.length])
        }
      }
    }),
    { numRuns: 30 },
  )
})
