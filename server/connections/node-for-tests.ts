/** For tests: this slice as one node of a cluster, over a real database, with a scriptable token endpoint and a clock that is moved by hand. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pino from 'pino'
import { sql } from 'kysely'
import { fail } from '@hawser/api/errors.ts'
import type { AuthMode } from '#auth-modes/auth-mode.ts'
import { createPostgresBus } from '#bus/postgres-bus.ts'
import type { Bus } from '#bus/bus.ts'
import { openDatabase, type Database } from '#db/pool.ts'
import type { AuthEvent } from '#events/record-event.ts'
import type { OwnEvent } from '#events/record-own-event.ts'
import type { Disclosure } from '#audit/record-disclosure.ts'
import type { OwnUse } from '#audit/use-counters.ts'
import { newId } from '#lib/ids.ts'
import type { Provider } from '#providers/provider.ts'
import { createQueue } from '#queue/graphile-queue.ts'
import { newDataKey, open, seal } from '#vault/envelope.ts'
import { createSpool, type Spool } from '#vault/spool.ts'
import { createVault, type Vault } from '#vault/vault.ts'
import type { Kit } from '../kit.ts'
import { createConnections, type ComposedConnections, type ConnectionHooks } from './compose-connections.ts'
import type { LiveConnection, OAuth2Credentials } from './connection.ts'
import type { StoredIntegration } from '#integrations/integration.ts'
import type { FreshCredentials } from './connections.ts'
import type { Timers } from './timers.ts'
import { createTokenEndpoint, type TokenEndpoint } from './token-endpoint-for-tests.ts'
import { unguarded, type VaultGuard } from './vault-guard.ts'

export const environmentId = newId()
export const otherEnvironmentId = newId()

export const crm = {
  name: 'crm',
  display_name: 'CRM',
  auth_mode: 'OAUTH2',
  categories: [],
  docs: 'https://docs.example',
  connection_config: { pin: { type: 'string', secret: true, optional: true } },
} as unknown as Provider

export const sandbox = { ...crm, name: 'sandbox', family: 'salesforce', environment: 'sandbox' } as unknown as Provider

export interface World {
  url: string
  clock: { now(): number; moveBy(ms: number): void }
  endpoint: TokenEndpoint
  vault: Vault
  nodes: Node[]
  close(): Promise<void>
}

/** What all nodes share: the database, the provider, the keys, the time. */
export async function createWorld(url: string): Promise<World> {
  const nodes: Node[] = []
  let offsetMs = 0
  const clock = {
    now: () => Date.now() + offsetMs,
    moveBy(ms: number) {
      offsetMs += ms
      for (const node of nodes) node.db.setClockOffset(offsetMs)
    },
  }
  const master = newDataKey()
  const wrapped = new Map<string, Buffer>()
  const vault = createVault({
    keyProvider: {
      id: 'test',
      wrap: async (plain, aad) => seal(master, aad, plain),
      unwrap: async (bytes, aad) => open(master, aad, bytes),
    },
    loadWrappedKey: async (id) => wrapped.get(id) ?? null,
    saveWrappedKey: async (id, bytes) => wrapped.get(id) ?? (wrapped.set(id, bytes), bytes),
  })
  const db = await openDatabase({ url, max: 1 })
  for (const [id, name] of [
    [environmentId, 'dev'],
    [otherEnvironmentId, 'prod'],
  ])
    await db.pool.query(`insert into environment (id, name, wrapped_key, webhook_data_key, webhook_key) values ($1, $2, '', '', '')`, [
      id,
      name,
    ])
  await db.close()
  await vault.ready(environmentId)
  return {
    url,
    clock,
    endpoint: createTokenEndpoint(clock),
    vault,
    nodes,
    close: async () => void (await Promise.all(nodes.map((node) => node.close()))),
  }
}

export interface Node {
  db: Database
  /** Statements fail as if nobody listened at the database's address. */
  database: { away: boolean }
  kit: Kit
  connections: ComposedConnections
  spool: Spool
  spoolFolder: string
  events: AuthEvent[]
  told: OwnEvent[]
  disclosures: Disclosure[]
  changes: Disclosure[]
  /** By the server itself. */
  used: OwnUse[]
  revoked: { url: string; token: string; clientId: string | undefined }[]
  close(): Promise<void>
}

export interface NodeOptions extends Partial<ConnectionHooks> {
  spoolFolder?: string
  bus?: Bus
  /** Settings other than the rig's. */
  settings?: Partial<Kit['config']>
}

export async function createNode(world: World, options: NodeOptions = {}): Promise<Node> {
  const db = await openDatabase({ url: world.url, clockOffsetMs: world.clock.now() - Date.now(), max: 8 })
  const database = { away: false }
  cutWhen(db, database)
  const log = pino({ level: 'silent' })
  const bus = options.bus ?? (await createPostgresBus({ url: world.url, db, log }))
  const spoolFolder = options.spoolFolder ?? mkdtempSync(join(tmpdir(), 'hawser-spool-'))
  const spool = options.spool ?? createSpool(spoolFolder, SPOOL_KEY)
  const catalogue = {
    get: (name: string) => [crm, sandbox].find((provider) => provider.name === name),
    list: () => [crm, sandbox],
    problems: [],
  }
  const config = {
    publicUrl: 'http://localhost:3003',
    maxStaleMs: 900_000,
    refreshRequestMs: 4_000,
    refreshWaitMs: 10_000,
    refreshLeaseMs: 20_000,
    refreshesAtOnce: 20,
    refreshesPerSecond: 10_000,
    ...options.settings,
  }
  const kit = { clock: world.clock, log, db, vault: world.vault, bus, queue: createQueue(db), catalogue, config } as unknown as Kit
  const node = { events: [], told: [], disclosures: [], changes: [], used: [], revoked: [] } as unknown as Node
  const connections = createConnections(kit, {
    authMode: () => fakeMode(world),
    readTokenExtras: () => ({ connectionConfig: {} }),
    recordEvent: async (_transaction, event) => void node.events.push(event),
    recordOwnEvent: async (_transaction, event) => void node.told.push(event),
    audit: {
      disclosed: async (entry) => void node.disclosures.push(entry),
      changed: async (entry) => void node.changes.push(entry),
      used: (use) => void node.used.push(use as OwnUse),
    },
    instanceHostAllowed: (_provider, url) => url.startsWith('https://acme.'),
    confirmImport: async () => ({ connectionConfig: {} }),
    revocationOf: () => ({ url: 'https://login.example/revoke', endsOnlyItself: true }),
    revokeToken: async ({ url, token, client }) => void node.revoked.push({ url, token, clientId: client?.clientId }),
    random: () => 1,
    ...options,
    spool,
  })
  let closing: Promise<void> | undefined
  Object.assign(node, {
    ...{ db, database, kit, connections, spool, spoolFolder },
    close: () =>
      (closing ??= (async () => {
        database.away = false
        await connections.close()
        await bus.close()
        await db.close()
        if (!options.spoolFolder) rmSync(spoolFolder, { recursive: true, force: true })
      })()),
  })
  world.nodes.push(node)
  return node
}

/** Of a restored or copied database. */
export const frozenGuard: VaultGuard = { ...unguarded, frozen: () => fail('vault_frozen'), foreign: () => true }

const SPOOL_KEY = newDataKey()

function fakeMode(world: World): AuthMode {
  return {
    name: 'OAUTH2',
    canRefresh: (credentials) => typeof credentials['refresh_token'] === 'string',
    refresh: ({ credentials }) => world.endpoint.answer(String(credentials['refresh_token'])),
    apply: () => ({}),
  }
}

function cutWhen(db: Database, database: { away: boolean }): void {
  const connect = db.pool.connect.bind(db.pool) as (...args: unknown[]) => unknown
  db.pool.connect = ((...args: unknown[]) => {
    if (!database.away) return connect(...args)
    const error = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' })
    const [callback] = args
    return typeof callback === 'function' ? callback(error) : Promise.reject(error)
  }) as typeof db.pool.connect
}

/** Hears nothing: for tests that count on what is cached, which an announcement of their own preparations could drop at any moment. */
export function deafBus(): Bus {
  return { on: () => () => {}, onGap: () => () => {}, send: async () => {}, close: async () => {} }
}

/** Timers that run only when told to. */
export function handTimers(): Timers & { fire(): void; readonly waiting: number } {
  const pending = new Set<() => void>()
  return {
    after(_ms, then) {
      pending.add(then)
      return () => void pending.delete(then)
    },
    fire() {
      const due = [...pending]
      pending.clear()
      for (const then of due) then()
    },
    get waiting() {
      return pending.size
    },
  }
}

export async function addIntegration(
  node: Node,
  environment = environmentId,
  key = `crm-${newId()}`,
  provider = 'crm',
): Promise<StoredIntegration> {
  const id = newId()
  await sql`insert into integration (id, environment_id, unique_key, provider, display_name) values (${id}, ${environment}, ${key}, ${provider}, 'CRM')`.execute(
    node.db.kysely,
  )
  await sql`insert into oauth_client (id, environment_id, integration_id, client_id) values (${newId()}, ${environment}, ${id}, ${provider === 'crm' ? 'app-1' : `app-${key}`})`.execute(
    node.db.kysely,
  )
  const now = new Date()
  return {
    ...{ id, environmentId: environment, uniqueKey: key, provider, displayName: 'CRM', scopes: null },
    ...{ forwardWebhooks: true, baseUrlOverrideHosts: [], createdAt: now, updatedAt: now },
  }
}

export interface Connected {
  live: LiveConnection
  integration: StoredIntegration
  find(node: Node): Promise<LiveConnection>
}

/** A connection with `at-0` and the endpoint's current refresh token. `expiresInMs` undefined: the provider does not say. */
export async function connect(
  node: Node,
  world: World,
  options: {
    expiresInMs?: number
    integration?: StoredIntegration
    credentials?: Partial<OAuth2Credentials>
    config?: Record<string, unknown>
  } = {},
): Promise<Connected> {
  const integration = options.integration ?? (await addIntegration(node))
  const raw = { access_token: 'at-0' }
  const { connection } = await node.connections.save({
    environmentId,
    environmentName: 'dev',
    integration,
    authMode: 'OAUTH2',
    credentials: {
      ...{ type: 'OAUTH2', access_token: 'at-0', refresh_token: world.endpoint.current, raw },
      ...(options.expiresInMs === undefined ? {} : { expires_at: new Date(world.clock.now() + options.expiresInMs).toISOString() }),
      ...options.credentials,
    },
    client: { kind: 'integration' },
    connectionConfig: options.config ?? {},
    actor: {},
  })
  const find = async (on: Node) => on.connections.findById(environmentId, connection.id)
  return { live: await find(node), integration, find }
}

export function accessToken({ credentials }: FreshCredentials): string {
  return (credentials as OAuth2Credentials).access_token
}

/** The code of the failure that the work ends with; a thrown one counts like a rejected one. */
export async function failureOf(work: () => unknown): Promise<{ code: unknown; details: Record<string, unknown> }> {
  try {
    await work()
  } catch (error) {
    return error as { code: unknown; details: Record<string, unknown> }
  }
  throw new Error('it did not fail')
}
