/** Stand-ins for what lies around the slice in tests: the bus, the vault's table of keys, and `connections`. */
import { sql } from 'kysely'
import { fail } from '@hawser/api/errors.ts'
import type { Bus } from '#bus/bus.ts'
import type { StoredConnection } from '#connections/connection.ts'
import type { StoredIntegration } from '#integrations/integration.ts'
import type { SaveConnection } from '#connections/connections.ts'
import type { Database } from '#db/pool.ts'
import { newId } from '#lib/ids.ts'
import type { ConnectDeps } from './connect-deps.ts'

export function memoryBus(): Bus {
  const listeners = new Map<string, Set<(message: string) => void>>()
  return {
    on(topic, listener) {
      listeners.set(topic, (listeners.get(topic) ?? new Set()).add(listener))
      return () => void listeners.get(topic)?.delete(listener)
    },
    onGap: () => () => {},
    async send(topic, message) {
      for (const listener of listeners.get(topic) ?? []) listener(message)
    },
    close: async () => {},
  }
}

export function keyTable() {
  const keys = new Map<string, Buffer>()
  return {
    loadWrappedKey: async (id: string) => keys.get(id) ?? null,
    saveWrappedKey: async (id: string, wrapped: Buffer) => {
      if (!keys.has(id)) keys.set(id, wrapped)
      return keys.get(id)!
    },
  }
}

export async function addEnvironment(db: Database, name: string): Promise<string> {
  const id = newId()
  const bytes = Buffer.alloc(32)
  await sql`
    insert into environment (id, name, wrapped_key, webhook_data_key, webhook_key)
    values (${id}, ${name}, ${bytes}, ${bytes}, ${bytes})`.execute(db.kysely)
  return id
}

export async function addIntegration(db: Database, environmentId: string, uniqueKey: string, provider: string): Promise<StoredIntegration> {
  const id = newId()
  await sql`
    insert into integration (id, environment_id, unique_key, provider, display_name)
    values (${id}, ${environmentId}, ${uniqueKey}, ${provider}, ${uniqueKey})`.execute(db.kysely)
  const [createdAt, updatedAt] = [new Date(), new Date()]
  const names = { uniqueKey, provider, displayName: uniqueKey }
  return { id, environmentId, ...names, scopes: null, forwardWebhooks: true, baseUrlOverrideHosts: [], createdAt, updatedAt }
}

export async function addConnection(db: Database, integration: StoredIntegration, connectionId: string, id = newId()): Promise<string> {
  await sql`
    insert into connection (id, environment_id, integration_id, connection_id)
    values (${id}, ${integration.environmentId}, ${integration.id}, ${connectionId})`.execute(db.kysely)
  return id
}

/** Notes what was saved and runs `alongside`, as the real one does; the tokens are not stored. */
export function standInConnections(
  db: Database,
  integrations: ReadonlyMap<string, StoredIntegration>,
  saved: SaveConnection[],
  afterwards: () => void = () => {},
): ConnectDeps['connections'] {
  return {
    async save(input) {
      saved.push(input)
      const connection = connectionRow(input)
      if (input.reconnects === undefined) await addConnection(db, input.integration, connection.connectionId, connection.id)
      await db.kysely.transaction().execute(async (transaction) => input.alongside?.(transaction, connection))
      input.stored?.()
      afterwards()
      return { connection, operation: input.reconnects === undefined ? 'creation' : 'override' }
    },
    async findById() {
      throw fail('unknown_connection')
    },
    async find(environmentId, key, connectionId) {
      const integration = integrations.get(key)
      if (!integration) throw fail('unknown_provider_config')
      const { rows } = await sql<{ id: string }>`
        select id from connection
         where environment_id = ${environmentId} and integration_id = ${integration.id} and connection_id = ${connectionId}`.execute(
        db.kysely,
      )
      if (!rows[0]) throw fail('unknown_connection')
      return { connection: { id: rows[0].id } } as never
    },
  }
}

function connectionRow(input: SaveConnection): StoredConnection {
  const id = input.reconnects ?? newId()
  const now = new Date()
  return {
    id,
    number: 1,
    environmentId: input.environmentId,
    integrationId: input.integration.id,
    connectionId: input.connectionId ?? `c-${id}`,
    grantId: undefined,
    metadata: null,
    secretConfig: undefined,
    connectionConfig: input.connectionConfig,
    org: input.org ?? null,
    tags: input.tags ?? {},
    endUser: input.endUser ?? null,
    webhookUrlOverride: input.webhookUrlOverride ?? null,
    createdAt: now,
    updatedAt: now,
    lastFetchedAt: null,
  }
}
