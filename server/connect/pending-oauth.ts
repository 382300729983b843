/** A sign-in that has left for the provider: what `begin-oauth` puts down and `finish-oauth` takes, once. */
import { createHash, randomBytes } from 'node:crypto'
import { sql, type Kysely } from 'kysely'
import { fail } from '@hawser/api/errors.ts'
import type { Vault } from '#vault/vault.ts'
import { newId } from '#lib/ids.ts'

export const PENDING_LABEL = 'pending-oauth'
const MINUTES = 15
/** More than one person opens in half an hour; fewer than a script would. */
const MAX_PER_SESSION = 20

/** Sealed: it holds the PKCE verifier and possibly the secret of a customer's own app. */
export interface SignIn {
  integrationKey: string
  redirectUri: string
  /** Where the customer was sent, e.g. `login.salesforce.com`. */
  authorizeHost: string
  verifier?: string
  connectionConfig: Record<string, unknown>
  ownClient?: { clientId: string; clientSecret?: string }
}

export interface Pending {
  environmentId: string
  integrationId: string
  /** Row of the integration's app that the customer was sent with; undefined: the connection's own app. */
  oauthClientId: string | undefined
  sessionId: string
  browserHash: Buffer
  wsClientId: string | undefined
  mode: 'popup' | 'page' | 'redirect'
}

/** 256 random bits; the database only knows its hash, so that a read of the table starts nothing. */
export function newState(): string {
  return randomBytes(32).toString('base64url')
}

export function hashOf(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}

/**
 * False if the integration's app was deleted since it was read, as after a rotation: there is another one by then. Throws `unknown_provider_config`
 * and `state_err` if the integration, or the session, is gone.
 */
export async function putPending(db: Kysely<unknown>, vault: Vault, state: string, pending: Pending, signIn: SignIn): Promise<boolean> {
  const id = newId()
  await vault.ready(pending.environmentId)
  const { data_key, ciphertext } = vault.sealNew(pending.environmentId, PENDING_LABEL, id, JSON.stringify(signIn))
  const gone = await sql`
    insert into pending_oauth (state_hash, id, environment_id, integration_id, oauth_client_id, connect_session_id, browser_hash, data_key, sealed, ws_client_id, mode, deadline)
    values (${hashOf(state)}, ${id}, ${pending.environmentId}, ${pending.integrationId}, ${pending.oauthClientId ?? null}, ${pending.sessionId}, ${pending.browserHash},
            ${data_key}, ${ciphertext}, ${pending.wsClientId ?? null}, ${pending.mode}, hawser_now() + make_interval(mins => ${MINUTES}))`
    .execute(db)
    .catch((error: unknown) => missing(error))
  if (gone === 'client') return false
  await sql`
    delete from pending_oauth where connect_session_id = ${pending.sessionId} and id not in (
      select id from pending_oauth where connect_session_id = ${pending.sessionId} order by id desc limit ${MAX_PER_SESSION})`.execute(db)
  return true
}

function missing(error: unknown): 'client' {
  const { code, constraint } = error as { code?: unknown; constraint?: unknown }
  if (code !== '23503') throw error
  if (constraint === 'pending_oauth_oauth_client_id_fkey') return 'client'
  if (constraint === 'pending_oauth_connect_session_id_fkey')
    throw fail('state_err', { message: 'The connect session is over. Start again.' })
  throw fail('unknown_provider_config')
}

export type Taken = Pending & { signIn: SignIn; inTime: boolean }

/** Single use by construction: of two callbacks with one state, on whatever nodes, one gets the row. undefined: unknown or taken before. */
export async function takePending(db: Kysely<unknown>, vault: Vault, state: string): Promise<Taken | undefined> {
  const { rows } = await sql<PendingRow>`
    delete from pending_oauth where state_hash = ${hashOf(state)}
    returning id, environment_id, integration_id, oauth_client_id, connect_session_id, browser_hash, data_key, sealed, ws_client_id, mode, deadline > hawser_now() as in_time`.execute(
    db,
  )
  const row = rows[0]
  if (!row) return undefined
  await vault.ready(row.environment_id)
  return {
    environmentId: row.environment_id,
    integrationId: row.integration_id,
    oauthClientId: row.oauth_client_id ?? undefined,
    sessionId: row.connect_session_id,
    browserHash: row.browser_hash,
    wsClientId: row.ws_client_id ?? undefined,
    mode: row.mode,
    inTime: row.in_time,
    signIn: JSON.parse(vault.openSealed(row.environment_id, row.data_key, row.sealed, PENDING_LABEL, row.id).toString('utf8')) as SignIn,
  }
}

interface PendingRow {
  id: string
  environment_id: string
  integration_id: string
  oauth_client_id: string | null
  connect_session_id: string
  browser_hash: Buffer
  data_key: Buffer
  sealed: Buffer
  ws_client_id: string | null
  mode: 'popup' | 'page' | 'redirect'
  in_time: boolean
}
