/** SQL of sessions, which better-auth opens and ends. */
import { sql, type Kysely } from 'kysely'
import type { Role } from '@hawser/api/roles.ts'

export type Way = 'password' | 'sso'

export interface FoundSession {
  id: string
  personId: string
  email: string
  name: string
  secondFactor: boolean
  ways: Way[]
  confirmedAt: Date
  expiresAt: Date
  /** The oldest environment first. */
  environments: { id: string; name: string; role: Role }[]
  owner: boolean
}

/** Everything that a call of the person needs, in one statement. Undefined: unknown, or over. */
export async function findSession(db: Kysely<unknown>, tokenHash: string): Promise<FoundSession | undefined> {
  const { rows } = await sql<{
    id: string
    person_id: string
    email: string
    name: string
    totp_enabled: boolean
    ways: Way[]
    confirmed_at: Date
    expires_at: Date
    owner: boolean
    environments: { id: string; name: string; role: Role }[]
  }>`
    select s.id, s.person_id, p.email, p.name, p.totp_enabled, s.confirmed_at, s.expires_at, coalesce(a.role = 'owner', false) as owner,
      array(select case provider when 'credential' then 'password' else provider end from person_way w where w.person_id = p.id order by 1) as ways,
      (select coalesce(json_agg(json_build_object('id', e.id, 'name', e.name,
                'role', case when a.role = 'owner' then a.role else coalesce(m.role, a.role) end) order by e.created_at, e.name), '[]')
         from environment e left join member m on m.person_id = p.id and m.environment_id = e.id
        where coalesce(m.role, a.role) is not null) as environments
      from person_session s
      join person p on p.id = s.person_id
      left join member a on a.person_id = p.id and a.environment_id is null
     where s.token_hash = ${tokenHash} and s.expires_at > hawser_now()`.execute(db)
  const row = rows[0]
  return (
    row && {
      id: row.id,
      personId: row.person_id,
      email: row.email,
      name: row.name,
      secondFactor: row.totp_enabled,
      ways: row.ways,
      confirmedAt: row.confirmed_at,
      expiresAt: row.expires_at,
      environments: row.environments,
      owner: row.owner,
    }
  )
}

export interface ListedSession {
  id: string
  way: string
  address: string | null
  user_agent: string | null
  created_at: Date
  expires_at: Date
}

export async function listSessionsOf(db: Kysely<unknown>, personId: string): Promise<ListedSession[]> {
  const { rows } = await sql<ListedSession>`
    select id, way, address, user_agent, created_at, expires_at from person_session
     where person_id = ${personId} and expires_at > hawser_now() order by created_at desc limit 100`.execute(db)
  return rows
}

export async function deleteSessionOf(db: Kysely<unknown>, personId: string, id: string): Promise<boolean> {
  const { numAffectedRows } = await sql`delete from person_session where id = ${id} and person_id = ${personId}`.execute(db)
  return numAffectedRows === 1n
}

/** `but`: the one that stays. */
export async function deleteSessionsOf(db: Kysely<unknown>, personId: string, but?: string): Promise<void> {
  await sql`delete from person_session where person_id = ${personId} and id is distinct from ${but ?? null}::uuid`.execute(db)
}

export async function noteConfirmation(db: Kysely<unknown>, sessionId: string, at: Date): Promise<void> {
  await sql`update person_session set confirmed_at = ${at} where id = ${sessionId}`.execute(db)
}

/** Sign-ins that wait for the second factor: their password may be an old one by now. */
export async function deleteChallengesOf(db: Kysely<unknown>, personId: string): Promise<void> {
  await sql`delete from person_challenge where value = ${personId}`.execute(db)
}

/** After a change of roles: what the person's sessions handed out was handed out under the old ones. */
export async function deleteTokensOf(db: Kysely<unknown>, personId: string): Promise<void> {
  await sql`delete from connection_token where person_session_id in (select id from person_session where person_id = ${personId})`.execute(
    db,
  )
}

/** False if that code of that person was used before. Codes are good for a minute and a half; two hours of memory are plenty. */
export async function claimCode(db: Kysely<unknown>, personId: string, code: string): Promise<boolean> {
  const { numAffectedRows } = await sql`
    insert into used_code (person_id, code, used_at) values (${personId}, ${code}, hawser_now())
    on conflict (person_id, code) do update set used_at = excluded.used_at where used_code.used_at < hawser_now() - interval '10 minutes'`.execute(
    db,
  )
  return numAffectedRows === 1n
}

export async function deleteWhatIsOver(db: Kysely<unknown>): Promise<void> {
  await sql`delete from person_session where expires_at < hawser_now()`.execute(db)
  await sql`delete from person_challenge where expires_at < hawser_now()`.execute(db)
  await sql`delete from pending_sso where expires_at < hawser_now()`.execute(db)
  await sql`delete from person_link where expires_at < hawser_now()`.execute(db)
  await sql`delete from used_code where used_at < hawser_now() - interval '2 hours'`.execute(db)
}
