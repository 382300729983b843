/** SQL of the table `oauth_client`: the apps that mint grants. Secrets arrive and leave sealed. */
import { sql } from 'kysely'
import type { Kysely } from 'kysely'

export interface StoredOAuthClient {
  id: string
  environmentId: string
  integrationId: string
  /** Set for an app that belongs to one connection. */
  connectionId: string | null
  clientId: string
  dataKey: Buffer | null
  secret: Buffer | null
  state: 'active' | 'staged' | 'retired'
  /** The row whose credentials of the same app this one follows. */
  succeeds: string | null
}

interface ClientRow {
  id: string
  environment_id: string
  integration_id: string
  connection_id: string | null
  client_id: string
  data_key: Buffer | null
  secret: Buffer | null
  state: StoredOAuthClient['state']
  succeeds: string | null
}

const names = ['id', 'environment_id', 'integration_id', 'connection_id', 'client_id', 'data_key', 'secret', 'state', 'succeeds']
const columns = sql.raw(names.join(', '))

function toClient(row: ClientRow): StoredOAuthClient {
  return {
    id: row.id,
    environmentId: row.environment_id,
    integrationId: row.integration_id,
    connectionId: row.connection_id,
    clientId: row.client_id,
    dataKey: row.data_key,
    secret: row.secret,
    state: row.state,
    succeeds: row.succeeds,
  }
}

/** The app that the integration's new sign-ins use. */
export async function activeClientOf(db: Kysely<unknown>, integrationId: string): Promise<StoredOAuthClient | undefined> {
  const { rows } = await sql<ClientRow>`
    select ${columns} from oauth_client
    where integration_id = ${integrationId} and connection_id is null and state = 'active'`.execute(db)
  return rows[0] && toClient(rows[0])
}

/** The next credentials of the active app, until they are promoted. */
export async function stagedClientOf(db: Kysely<unknown>, integrationId: string): Promise<StoredOAuthClient | undefined> {
  const { rows } = await sql<ClientRow>`
    select ${columns} from oauth_client
    where integration_id = ${integrationId} and connection_id is null and state = 'staged'`.execute(db)
  return rows[0] && toClient(rows[0])
}

/** One of the integration's own rows; a connection's own app is not among them. */
export async function clientOfIntegration(db: Kysely<unknown>, integrationId: string, id: string): Promise<StoredOAuthClient | undefined> {
  const { rows } = await sql<ClientRow>`
    select ${columns} from oauth_client where id = ${id} and integration_id = ${integrationId} and connection_id is null`.execute(db)
  return rows[0] && toClient(rows[0])
}

/** Keeps the row from being deleted until the transaction ends. False if it is gone. */
export async function keepRow(db: Kysely<unknown>, id: string): Promise<boolean> {
  const { rows } = await sql`select from oauth_client where id = ${id} for key share`.execute(db)
  return rows.length > 0
}

export async function clientById(db: Kysely<unknown>, id: string): Promise<StoredOAuthClient | undefined> {
  const { rows } = await sql<ClientRow>`select ${columns} from oauth_client where id = ${id}`.execute(db)
  return rows[0] && toClient(rows[0])
}

/** An app that was replaced earlier and still has its row, because grants of it live. */
export async function retiredClient(db: Kysely<unknown>, integrationId: string, clientId: string): Promise<StoredOAuthClient | undefined> {
  const { rows } = await sql<ClientRow>`
    select ${columns} from oauth_client
    where integration_id = ${integrationId} and connection_id is null and state = 'retired' and client_id = ${clientId}
    order by created_at desc limit 1`.execute(db)
  return rows[0] && toClient(rows[0])
}

export async function clientOfConnection(
  db: Kysely<unknown>,
  connectionId: string,
  clientId: string,
): Promise<StoredOAuthClient | undefined> {
  const { rows } = await sql<ClientRow>`
    select ${columns} from oauth_client where connection_id = ${connectionId} and client_id = ${clientId}
    order by created_at desc limit 1`.execute(db)
  return rows[0] && toClient(rows[0])
}

export async function insertClient(db: Kysely<unknown>, client: StoredOAuthClient): Promise<void> {
  await sql`
    insert into oauth_client (${columns})
    values (${client.id}, ${client.environmentId}, ${client.integrationId}, ${client.connectionId}, ${client.clientId}, ${client.dataKey},
      ${client.secret}, ${client.state}, ${client.succeeds})`.execute(db)
}

export async function setSecret(db: Kysely<unknown>, id: string, dataKey: Buffer | null, secret: Buffer | null): Promise<void> {
  await sql`update oauth_client set data_key = ${dataKey}, secret = ${secret} where id = ${id}`.execute(db)
}

export async function setState(db: Kysely<unknown>, id: string, state: StoredOAuthClient['state']): Promise<void> {
  await sql`
    update oauth_client set state = ${state}, retired_at = case when ${state} = 'retired' then hawser_now() end where id = ${id}`.execute(
    db,
  )
}

/**
 * Deletes the row unless a grant still needs it to refresh, or a sign-in that left with it to exchange its code. Returns whether it is gone.
 * The lock comes first, in a statement of its own: it waits for whoever is storing a grant of this app, and only the next statement sees that
 * grant. In a transaction of several steps this is the last one: nobody may wait for a grant while he keeps storers of grants waiting.
 */
export async function removeUnused(db: Kysely<unknown>, id: string): Promise<boolean> {
  await sql`select from oauth_client where id = ${id} for update`.execute(db)
  const { numAffectedRows } = await sql`
    delete from oauth_client where id = ${id} and not exists (select from "grant" where oauth_client_id = ${id})
    and not exists (select from pending_oauth where oauth_client_id = ${id} and deadline > hawser_now())`.execute(db)
  return (numAffectedRows ?? 0n) > 0n
}

/**
 * Before a connection goes: its own apps stop counting as anybody's current one. The row loses its connection with it, and would else pass for
 * the integration's. Returns their ids.
 */
export async function retireClientsOfConnection(db: Kysely<unknown>, connectionId: string): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`
    update oauth_client set state = 'retired' where connection_id = ${connectionId} returning id`.execute(db)
  return rows.map((row) => row.id)
}

/** The same for all connections of an integration that is about to be deleted. */
export async function retireClientsOfConnections(db: Kysely<unknown>, integrationId: string): Promise<void> {
  await sql`update oauth_client set state = 'retired' where integration_id = ${integrationId} and connection_id is not null`.execute(db)
}

/** Apps of one connection that no grant needs any more, but `keep`. */
export async function removeUnusedOfConnection(db: Kysely<unknown>, connectionId: string, keep: string | undefined): Promise<void> {
  await sql`
    delete from oauth_client c where c.connection_id = ${connectionId} and c.id is distinct from ${keep ?? null}::uuid
    and not exists (select from "grant" g where g.oauth_client_id = c.id)`.execute(db)
}

/**
 * Lets the grants of an app try again that broke because of the app itself (a wrong secret, a missing scope): it has just been mended.
 * Grants that broke for the customer's sake stay broken.
 */
export async function reviveGrantsOf(db: Kysely<unknown>, id: string): Promise<void> {
  await sql`
    with held as (
      select id from "grant" where oauth_client_id = ${id} and broken_at is not null and failure -> 'diagnosis' ->> 'class' = 'config'
      order by id for no key update)
    update "grant" set broken_at = null, failure = null, failures = 0, cooldown_until = null where id in (select id from held)`.execute(db)
}
