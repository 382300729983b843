/** An app's credentials are rotated while its connections refresh without a pause: no call may notice. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createTestDatabase, type TestDatabase } from '@hawser/testkit/test-database.ts'
import type { AuthMode } from '#auth-modes/auth-mode.ts'
import { newId } from '#lib/ids.ts'
import { reveal } from '#lib/secret.ts'
import { createIntegrations } from '#integrations/compose-integrations.ts'
import type { StoredIntegration } from '#integrations/integration.ts'
import type { TokenOutcome } from '#oauth/token-response.ts'
import type { LiveConnection } from './connection.ts'
import { connect, createNode, createWorld, environmentId, type Node, type World } from './node-for-tests.ts'
import { refused } from './token-endpoint-for-tests.ts'

const CONNECTIONS = 50

/** An app whose endpoint takes the sets of credentials in `valid`, and of each grant only the latest refresh token: reuse ends the grant. */
function createApp() {
  const latest = new Map<string, string>()
  const app = {
    valid: { 'app-1': '' } as Record<string, string>,
    asked: [] as string[],
    clientsOfGoodAnswers: [] as string[],
    dead: [] as string[],
    mint(): string {
      const token = `${newId()}/0`
      latest.set(token.split('/')[0]!, token)
      return token
    },
    async refresh(clientId: string, clientSecret: string, token: string): Promise<TokenOutcome> {
      await new Promise((resolve) => setImmediate(resolve))
      app.asked.push(clientId)
      if (!Object.hasOwn(app.valid, clientId)) return refused('invalid_client_id')
      if (app.valid[clientId] !== clientSecret) return refused('invalid_client', 401)
      const [grant, count] = token.split('/') as [string, string]
      if (latest.get(grant) !== token) {
        app.dead.push(grant)
        return refused('invalid_grant')
      }
      const next = `${grant}/${Number(count) + 1}`
      latest.set(grant, next)
      app.clientsOfGoodAnswers.push(clientId)
      const raw = { access_token: `at-${next}`, refresh_token: next }
      return { ok: true, tokens: { ...raw, raw } }
    },
  }
  return app
}

let test: TestDatabase
let world: World
let nodes: [Node, Node]
let app: ReturnType<typeof createApp>

const mode: AuthMode = {
  name: 'OAUTH2',
  canRefresh: () => true,
  refresh: ({ client, credentials }) =>
    app.refresh(client.clientId, client.clientSecret ? reveal(client.clientSecret) : '', String(credentials['refresh_token'])),
  apply: () => ({}),
}

beforeAll(async () => {
  test = await createTestDatabase()
  world = await createWorld(test.url)
  nodes = [await createNode(world, { authMode: () => mode }), await createNode(world, { authMode: () => mode })]
})
beforeEach(() => {
  app = createApp()
})
afterAll(async () => {
  await world.close()
  await test.close()
})

async function rotation(node: Node, integration: StoredIntegration) {
  const { handlers } = createIntegrations(node.kit, {
    audit: { changed: async () => {} },
    releaseGrants: async () => {},
    callbackUrlOf: async () => '',
  })
  const principal = { kind: 'key', keyId: newId(), environmentId, environmentName: 'dev', scopes: ['environment:*'] }
  const call = async (name: string, more: object = {}) => {
    const { handle } = handlers.find(({ route }) => route.name === name)!
    const params = { uniqueKey: integration.uniqueKey, ...('params' in more ? (more.params as object) : {}) }
    return (await handle({ principal, ...more, params } as unknown as Parameters<typeof handle>[0])) as { data: never }
  }
  return {
    stage: (client_id: string, client_secret: string) => call('stageIntegrationClient', { body: { client_id, client_secret } }),
    replace: (client_id: string, client_secret: string) =>
      call('updateIntegration', { body: { credentials: { type: 'OAUTH2', client_id, client_secret } } }),
    promote: () => call('promoteIntegrationClient'),
    clients: async () =>
      (await call('listIntegrationClients')).data as { id: string; client_id: string; state: string; connections: number }[],
    forget: (clientRowId: string) => call('deleteIntegrationClient', { params: { clientRowId } }),
  }
}

/** Connections that refresh over and over, on both nodes, until told to stop. */
function storm(lives: readonly LiveConnection[]) {
  const failures: unknown[] = []
  let rounds = 0
  let stopped = false
  const loops = lives.map(async (live, index) => {
    while (!stopped) {
      const node = nodes[(index + rounds) % 2]!
      try {
        await node.connections.fresh(await node.connections.findById(environmentId, live.connection.id), { force: true })
      } catch (error) {
        failures.push(error)
      }
      rounds += 1
    }
  })
  return {
    failures,
    /** Each connection has refreshed about twice more. */
    async goOn() {
      const until = rounds + 2 * lives.length
      while (rounds < until) await new Promise((resolve) => setImmediate(resolve))
    },
    async stop() {
      stopped = true
      await Promise.all(loops)
    },
  }
}

async function connections(count: number): Promise<{ integration: StoredIntegration; lives: LiveConnection[] }> {
  const first = await connect(nodes[0], world, { credentials: { refresh_token: app.mint() } })
  const { integration } = first
  const lives = [first.live]
  for (let n = 1; n < count; n++)
    lives.push((await connect(nodes[0], world, { integration, credentials: { refresh_token: app.mint() } })).live)
  return { integration, lives }
}

describe('staged rotation under load', () => {
  it('stage, rotate at the provider, promote, forget, expiry of the old: no refresh fails', { timeout: 60_000 }, async () => {
    const { integration, lives } = await connections(CONNECTIONS)
    const steps = await rotation(nodes[0], integration)
    const running = storm(lives)
    await running.goOn()
    app.valid['app-2'] = 'secret-2'
    // Each call twice: the first answer may have been lost with whoever asked.
    for (let twice = 0; twice < 2; twice++) await steps.stage('app-2', 'secret-2')
    await running.goOn()
    // At the provider: Active + Staged became Rotated + Active; both stay valid for a while.
    for (let twice = 0; twice < 2; twice++) await steps.promote()
    await running.goOn()
    const former = (await steps.clients()).find((client) => client.client_id === 'app-1')!
    await steps.forget(former.id)
    await expect(steps.forget(former.id)).rejects.toMatchObject({ code: 'not_found' })
    await running.goOn()
    delete app.valid['app-1']
    await running.goOn()
    await running.stop()
    expect(running.failures).toEqual([])
    expect(app.dead).toEqual([])
    expect(await steps.clients()).toMatchObject([{ client_id: 'app-2', state: 'active', connections: CONNECTIONS }])
  })

  it('the provider drops the former credentials before anybody promotes: the staged ones take over by themselves', async () => {
    const { integration, lives } = await connections(5)
    const steps = await rotation(nodes[0], integration)
    await steps.stage('app-2', 'secret-2')
    app.valid = { 'app-2': 'secret-2' }
    const running = storm(lives)
    await running.goOn()
    await running.stop()
    expect(running.failures).toEqual([])
    expect(await steps.clients()).toMatchObject([
      { client_id: 'app-1', state: 'active', connections: 0 },
      { client_id: 'app-2', state: 'staged', connections: 5 },
    ])
  })

  it('a mistyped secret that was promoted costs nothing while the former credentials are valid, and they cannot be forgotten', async () => {
    const { integration, lives } = await connections(5)
    const steps = await rotation(nodes[0], integration)
    app.valid['app-2'] = 'secret-2'
    await steps.stage('app-2', 'mistyped')
    await steps.promote()
    const running = storm(lives)
    await running.goOn()
    const former = (await steps.clients()).find((client) => client.client_id === 'app-1')!
    expect(former).toMatchObject({ state: 'retired', connections: 5 })
    await expect(steps.forget(former.id)).rejects.toMatchObject({ code: 'client_in_use' })
    await running.stop()
    expect(running.failures).toEqual([])
    expect(new Set(app.clientsOfGoodAnswers)).toEqual(new Set(['app-1']))
  })

  it('another app is another app: its client is never tried for grants that it did not mint', async () => {
    const { integration, lives } = await connections(1)
    await (await rotation(nodes[0], integration)).replace('app-9', 's')
    app.valid = { 'app-9': 's' }
    await expect(nodes[0].connections.fresh(lives[0]!, { force: true })).rejects.toThrow()
    expect(app.asked).toEqual(['app-1'])
  })
})
