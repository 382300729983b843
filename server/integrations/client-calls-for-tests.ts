/** The calls that tests make about an integration's client credentials, and what lives on them. */
import { sql } from 'kysely'
import type { Failure } from '@hawser/api/errors.ts'
import { newId } from '#lib/ids.ts'
import { environmentId, type Rig } from './integrations-rig.ts'

export interface Client {
  id: string
  client_id: string
  state: string
  connections: number
  broken_connections: number
  succeeds: string | null
  retired_at: string | null
}

export async function failureOf(work: () => Promise<unknown>): Promise<Failure> {
  try {
    await work()
  } catch (error) {
    return error as Failure
  }
  throw new Error('it was not refused')
}

export function clientCalls(rig: Rig) {
  const params = { uniqueKey: 'sf' }
  const list = async () => (await rig.ask('listIntegrationClients', { params })).data as unknown as Client[]
  const named = async (clientId: string) => (await list()).find((client) => client.client_id === clientId)!
  const stage = async (client_id = 'app-2', client_secret = 'secret-2') =>
    (await rig.ask('stageIntegrationClient', { params, body: { client_id, client_secret } })).data as unknown as Client
  const promote = async () => (await rig.ask('promoteIntegrationClient', { params })).data as unknown as Client
  const forget = (clientRowId: string) => rig.ask('deleteIntegrationClient', { params: { ...params, clientRowId } })
  const patch = (client_id: string) =>
    rig.ask('updateIntegration', { params, body: { credentials: { type: 'OAUTH2', client_id, client_secret: 's' } } })

  /** A connection on a grant that the app minted. */
  async function connection(clientId: string, connectionId: string = newId(), failure: object | null = null): Promise<string> {
    const grant = await rig.mint((await named(clientId)).id, failure)
    await sql`insert into connection (id, environment_id, integration_id, connection_id, grant_id)
      values (${newId()}, ${environmentId}, ${await rig.idOf()}, ${connectionId}, ${grant})`.execute(rig.db.kysely)
    return grant
  }

  /** A sign-in that has left with the app; `minutes` until its deadline. */
  async function signIn(clientId: string, minutes = 15): Promise<void> {
    const session = newId()
    await sql`insert into connect_session (id, environment_id, token_hash, data_key, defaults, expires_at)
      values (${session}, ${environmentId}, ${Buffer.from(session)}, '', '', hawser_now() + interval '30 min')`.execute(rig.db.kysely)
    await sql`
      insert into pending_oauth (state_hash, id, environment_id, integration_id, oauth_client_id, connect_session_id, browser_hash, data_key, sealed, deadline)
      values (${Buffer.from(newId())}, ${newId()}, ${environmentId}, ${await rig.idOf()}, ${(await named(clientId)).id}, ${session}, '', '', '',
        hawser_now() + make_interval(mins => ${minutes}))`.execute(rig.db.kysely)
  }

  const clientOfGrant = async (grant: string) => {
    const { rows } = await sql<{ client_id: string | null }>`
      select c.client_id from "grant" g left join oauth_client c on c.id = g.oauth_client_id where g.id = ${grant}`.execute(rig.db.kysely)
    return rows[0]?.client_id
  }
  return { params, list, named, stage, promote, forget, patch, connection, signIn, clientOfGrant }
}
