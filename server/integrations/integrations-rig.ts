/** The slice on a real database, without a server: handlers are called as `mount` calls them. */
import { createTestDatabase } from '@hawser/testkit/test-database.ts'
import type { ErrorCode } from '@hawser/api/errors.ts'
import { sql } from 'kysely'
import type { Disclosure } from '#audit/record-disclosure.ts'
import { openDatabase, type Database } from '#db/pool.ts'
import type { KeyPrincipal, Principal } from '#http/principal.ts'
import { newId } from '#lib/ids.ts'
import { reveal } from '#lib/secret.ts'
import { newDataKey, open, seal } from '#vault/envelope.ts'
import { createVault, type Vault } from '#vault/vault.ts'
import type { Kit } from '../kit.ts'
import { createIntegrations, type Integrations } from './compose-integrations.ts'

export const environmentId = newId()
const otherEnvironmentId = newId()
const providers: Record<string, object> = {
  salesforce: { name: 'salesforce', display_name: 'Salesforce', auth_mode: 'OAUTH2' },
  open: { name: 'open', display_name: 'Open data', auth_mode: 'NONE' },
}
export const key: KeyPrincipal = { kind: 'key', keyId: newId(), environmentId, environmentName: 'dev', scopes: ['environment:*'] }
export const foreignKey: KeyPrincipal = { ...key, environmentId: otherEnvironmentId, environmentName: 'prod' }

export interface Input {
  params?: unknown
  query?: unknown
  body?: unknown
  principal?: Principal
}

export interface Rig {
  db: Database
  vault: Vault
  integrations: Integrations
  /** What the audit trail was given. */
  changes: Disclosure[]
  /** Integrations whose grants were handed over for revocation. */
  released: string[]
  /** Parses by the contract, checks the answer, and returns it as it is. */
  ask(name: string, input?: Input): Promise<{ data: Record<string, unknown> }>
  refusal(name: string, input: Input): Promise<{ code: ErrorCode; path: unknown }>
  idOf(uniqueKey?: string): Promise<string>
  /** A grant that the app has minted. */
  mint(oauthClientId: string, failure?: object | null): Promise<string>
  secretOf(oauthClientId?: string): Promise<string | undefined>
  empty(): Promise<void>
  close(): Promise<void>
}

export async function createRig(): Promise<Rig> {
  const test = await createTestDatabase()
  const db = await openDatabase({ url: test.url })
  for (const [id, name] of [
    [environmentId, 'dev'],
    [otherEnvironmentId, 'prod'],
  ])
    await db.pool.query(`insert into environment (id, name, wrapped_key, webhook_data_key, webhook_key) values ($1, $2, '', '', '')`, [
      id,
      name,
    ])
  const changes: Disclosure[] = []
  const released: string[] = []
  const catalogue = { get: (name: string) => providers[name], list: () => [], problems: [] }
  const vault = memoryVault()
  const kit = { db, vault, catalogue, clock: { now: () => Date.now() }, config: { publicUrl: 'https://hawser.example' } }
  const integrations = createIntegrations(kit as unknown as Kit, {
    audit: { changed: async (entry) => void changes.push(entry) },
    callbackUrlOf: async () => 'https://hawser.example/oauth/callback',
    releaseGrants: async (_transaction, integration) => void released.push(integration.uniqueKey),
  })

  const ask: Rig['ask'] = async (name, input = {}) => {
    const { route, handle } = integrations.handlers.find((handler) => handler.route.name === name)!
    const parsed = {
      params: route.params?.parse(input.params ?? {}),
      query: route.query?.parse(input.query ?? {}),
      body: route.body?.parse(input.body),
      principal: input.principal ?? key,
    }
    const answer = await handle(parsed as unknown as Parameters<typeof handle>[0])
    route.reply.body?.parse(answer)
    return answer as { data: Record<string, unknown> }
  }
  const idOf: Rig['idOf'] = async (uniqueKey = 'sf') => (await integrations.find(environmentId, uniqueKey))!.id
  return {
    ...{ db, vault, integrations, changes, released, ask, idOf },
    async refusal(name, input) {
      try {
        await ask(name, input)
      } catch (error) {
        const { code, details } = error as { code: ErrorCode; details?: { errors?: { path: unknown }[] } }
        return { code, path: details?.errors?.[0]?.path }
      }
      throw new Error('it was not refused')
    },
    async mint(oauthClientId, failure = null) {
      const id = newId()
      await sql`
        insert into "grant" (id, environment_id, integration_id, oauth_client_id, auth_mode, data_key, credentials, broken_at, failure)
        values (${id}, ${environmentId}, ${await idOf()}, ${oauthClientId}, 'OAUTH2', '', '', ${failure ? new Date() : null},
          ${failure ? JSON.stringify(failure) : null}::jsonb)`.execute(db.kysely)
      return id
    },
    async secretOf(oauthClientId) {
      const client = await integrations.clientOf(await idOf(), oauthClientId)
      return client?.clientSecret && reveal(client.clientSecret)
    },
    async empty() {
      await sql`delete from integration`.execute(db.kysely)
      changes.length = 0
      released.length = 0
    },
    async close() {
      await db.close()
      await test.close()
    },
  }
}

function memoryVault(): Vault {
  const master = newDataKey()
  const wrapped = new Map<string, Buffer>()
  return createVault({
    keyProvider: {
      id: 'test',
      wrap: async (plain, aad) => seal(master, aad, plain),
      unwrap: async (bytes, aad) => open(master, aad, bytes),
    },
    loadWrappedKey: async (id) => wrapped.get(id) ?? null,
    saveWrappedKey: async (id, bytes) => wrapped.get(id) ?? (wrapped.set(id, bytes), bytes),
  })
}
