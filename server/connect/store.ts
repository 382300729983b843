import { sql, type Kysely, type Transaction } from 'kysely'
import type { SessionPrincipal } from '#http/principal.ts'
import { SESSION_MINUTES, type SessionResult, type StoredSession } from './session.ts'

type Db = Kysely<unknown> | Transaction<unknown>

export type NewSession = Omit<StoredSession, 'environmentName' | 'result' | 'expiresAt'> & { tokenHash: Buffer }

/** Returns when the session ends. */
export async function insertSession(db: Db, session: NewSession): Promise<Date> {
  const { rows } = await sql<{ expires_at: Date }>`
    insert into connect_session (id, environment_id, token_hash, end_user, tags, allowed_integrations, data_key, defaults, overrides, webhook_url_override, reconnects, expires_at)
    values (${session.id}, ${session.environmentId}, ${session.tokenHash}, ${json(session.endUser)}, ${json(session.tags)},
            ${sql.val(session.allowedIntegrations ?? null)}::text[], ${session.dataKey}, ${session.sealedDefaults}, ${json(session.overrides)},
            ${session.webhookUrlOverride}, ${session.reconnects}, hawser_now() + make_interval(mins => ${SESSION_MINUTES}))
    returning expires_at`.execute(db)
  return rows[0]!.expires_at
}

/** For the authenticator. undefined: unknown, or over. */
export async function findSessionPrincipal(db: Db, tokenHash: Buffer): Promise<SessionPrincipal | undefined> {
  const { rows } = await sql<{ id: string; environment_id: string; name: string; allowed_integrations: string[] | null }>`
    select s.id, s.environment_id, e.name, s.allowed_integrations
      from connect_session s join environment e on e.id = s.environment_id
     where s.token_hash = ${tokenHash} and s.expires_at > hawser_now()`.execute(db)
  const row = rows[0]
  if (!row) return undefined
  return {
    kind: 'session',
    sessionId: row.id,
    environmentId: row.environment_id,
    environmentName: row.name,
    allowedIntegrations: row.allowed_integrations ?? undefined,
  }
}

interface SessionRow {
  id: string
  environment_id: string
  name: string
  end_user: StoredSession['endUser']
  tags: Record<string, string>
  allowed_integrations: string[] | null
  data_key: Buffer
  defaults: Buffer
  overrides: Record<string, unknown>
  webhook_url_override: string | null
  reconnects: string | null
  result: SessionResult | null
  expires_at: Date
}

/** undefined: ended, or over. */
export async function findSession(db: Db, id: string): Promise<StoredSession | undefined> {
  const { rows } = await sql<SessionRow>`
    select s.id, s.environment_id, e.name, s.end_user, s.tags, s.allowed_integrations, s.data_key, s.defaults, s.overrides, s.webhook_url_override,
           s.reconnects, s.result, s.expires_at
      from connect_session s join environment e on e.id = s.environment_id
     where s.id = ${id} and s.expires_at > hawser_now()`.execute(db)
  const row = rows[0]
  if (!row) return undefined
  return {
    id: row.id,
    environmentId: row.environment_id,
    environmentName: row.name,
    endUser: row.end_user,
    tags: row.tags,
    allowedIntegrations: row.allowed_integrations ?? undefined,
    dataKey: row.data_key,
    sealedDefaults: row.defaults,
    overrides: row.overrides,
    webhookUrlOverride: row.webhook_url_override,
    reconnects: row.reconnects,
    result: row.result,
    expiresAt: row.expires_at,
  }
}

/** Writes with it when that was: a page that polls tells two attempts with the same end apart by it. False if the session was deleted. */
export async function setSessionResult(db: Db, id: string, result: SessionResult | null): Promise<boolean> {
  const { numAffectedRows } = await sql`
    update connect_session
       set result = ${json(result)} || jsonb_build_object('at', to_char(hawser_now() at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'))
     where id = ${id}`.execute(db)
  return numAffectedRows === 1n
}

/** Merges `mark` into the overrides, and forgets how the last attempt failed; a success stays. */
export async function noteReady(db: Db, id: string, mark: Record<string, string>): Promise<void> {
  await sql`
    update connect_session
       set overrides = overrides || ${json(mark)}, result = case when result ->> 'outcome' = 'error' then null else result end
     where id = ${id}`.execute(db)
}

/** `sealed` under `dataKey`, both of the vault. */
export async function setSessionDefaults(db: Db, id: string, dataKey: Buffer, sealed: Buffer): Promise<void> {
  await sql`update connect_session set data_key = ${dataKey}, defaults = ${sealed} where id = ${id}`.execute(db)
}

export async function deleteSession(db: Db, id: string): Promise<void> {
  await sql`delete from connect_session where id = ${id}`.execute(db)
}

function json(value: unknown) {
  return value === null ? sql`null::jsonb` : sql`${JSON.stringify(value)}::jsonb`
}

/** Sessions that are over, and sign-ins that nobody will finish. */
export async function cleanUpSessions(db: Db): Promise<void> {
  await sql`delete from pending_oauth where deadline < hawser_now()`.execute(db)
  await sql`delete from connect_session where expires_at < hawser_now() - interval '1 day'`.execute(db)
}
