/** SQL of people and their roles. */
import { sql, type Kysely, type Transaction } from 'kysely'
import type { Role } from '@hawser/api/roles.ts'
import { newId } from '#lib/ids.ts'
import type { GivenRole } from './people-deps.ts'
import type { Way } from './session-store.ts'

export type Db = Kysely<unknown> | Transaction<unknown>

export async function hasOwner(db: Db): Promise<boolean> {
  const { rows } = await sql<{ found: boolean }>`select exists (select from member where role = 'owner') as found`.execute(db)
  return rows[0]!.found
}

export async function personIdOf(db: Db, email: string): Promise<string | undefined> {
  const { rows } = await sql<{ id: string }>`select id from person where email = ${email.toLowerCase()}`.execute(db)
  return rows[0]?.id
}

/** A name at an identity provider is one person's at that issuer only (OpenID Connect Core 1.0 §5.7). */
function subjectAt(issuer: string, subject: string): string {
  return `${issuer} ${subject}`
}

export async function personIdOfSubject(db: Db, issuer: string, subject: string): Promise<string | undefined> {
  const { rows } = await sql<{ person_id: string }>`
    select person_id from person_way where provider = 'sso' and subject = ${subjectAt(issuer, subject)}`.execute(db)
  return rows[0]?.person_id
}

export interface StoredPerson {
  id: string
  email: string
  name: string
  totp_enabled: boolean
  created_at: Date
  last_seen_at: Date | null
  ways: Way[]
  roles: { environment: string | null; role: Role }[]
}

/** `id` undefined: all of them, 500 at most. */
export async function listPersons(db: Db, id?: string): Promise<StoredPerson[]> {
  const { rows } = await sql<StoredPerson>`
    select p.id, p.email, p.name, p.totp_enabled, p.created_at,
      (select max(s.created_at) from person_session s where s.person_id = p.id) as last_seen_at,
      array(select case provider when 'credential' then 'password' else provider end from person_way w where w.person_id = p.id order by 1) as ways,
      (select coalesce(json_agg(json_build_object('environment', e.name, 'role', m.role) order by e.name nulls first), '[]')
         from member m left join environment e on e.id = m.environment_id where m.person_id = p.id) as roles
      from person p where ${id ?? null}::uuid is null or p.id = ${id ?? null}
     order by p.created_at limit 500`.execute(db)
  return rows
}

/** Undefined: there is a person of that address. */
export async function insertPerson(db: Db, person: { email: string; name: string }): Promise<string | undefined> {
  const { rows } = await sql<{ id: string }>`
    insert into person (id, email, name, email_verified) values (${newId()}, ${person.email.toLowerCase()}, ${person.name}, true)
    on conflict do nothing returning id`.execute(db)
  return rows[0]?.id
}

export async function renamePerson(db: Db, id: string, name: string): Promise<void> {
  await sql`update person set name = ${name}, updated_at = hawser_now() where id = ${id}`.execute(db)
}

/** better-auth names the account of a password by the person's own id. */
export async function savePassword(db: Db, personId: string, passwordHash: string): Promise<void> {
  await sql`
    insert into person_way (id, person_id, provider, subject, password) values (${newId()}, ${personId}, 'credential', ${personId}, ${passwordHash})
    on conflict (person_id, provider) do update set password = excluded.password, updated_at = hawser_now()`.execute(db)
}

export async function passwordHashOf(db: Db, personId: string): Promise<string | undefined> {
  const { rows } = await sql<{ password: string | null }>`
    select password from person_way where person_id = ${personId} and provider = 'credential'`.execute(db)
  return rows[0]?.password ?? undefined
}

/** An account at a former issuer goes. False: the person has another account at this one already. */
export async function saveSubject(db: Db, personId: string, issuer: string, subject: string): Promise<boolean> {
  await sql`
    delete from person_way where person_id = ${personId} and provider = 'sso' and not starts_with(subject, ${subjectAt(issuer, '')})`.execute(
    db,
  )
  const { numAffectedRows } = await sql`
    insert into person_way (id, person_id, provider, subject) values (${newId()}, ${personId}, 'sso', ${subjectAt(issuer, subject)}) on conflict do nothing`.execute(
    db,
  )
  return numAffectedRows === 1n
}

export async function removeSecondFactor(db: Db, personId: string): Promise<void> {
  await sql`delete from second_factor where person_id = ${personId}`.execute(db)
  await sql`update person set totp_enabled = false, updated_at = hawser_now() where id = ${personId}`.execute(db)
}

export async function deletePersonRow(db: Db, id: string): Promise<boolean> {
  const { numAffectedRows } = await sql`delete from person where id = ${id}`.execute(db)
  return numAffectedRows === 1n
}

/** Environments that are gone meanwhile are left out. */
export async function addRoles(db: Db, personId: string, given: readonly GivenRole[]): Promise<void> {
  for (const { environmentId, role } of given)
    await sql`
      insert into member (id, person_id, environment_id, role)
      select ${newId()}, ${personId}, ${environmentId}::uuid, ${role}
       where ${environmentId}::uuid is null or exists (select from environment where id = ${environmentId}::uuid)
      on conflict (person_id, environment_id) do update set role = excluded.role`.execute(db)
}

export async function deleteRoles(db: Db, personId: string): Promise<void> {
  await sql`delete from member where person_id = ${personId}`.execute(db)
}

/** Locks the owners' rows until the transaction ends, so that two of them cannot remove each other at once. */
export async function lockOwners(db: Transaction<unknown>): Promise<string[]> {
  const { rows } = await sql<{ person_id: string }>`select person_id from member where role = 'owner' order by id for update`.execute(db)
  return rows.map((row) => row.person_id)
}

export async function environmentsByName(db: Db): Promise<Map<string, string>> {
  const { rows } = await sql<{ id: string; name: string }>`select id, name from environment`.execute(db)
  return new Map(rows.map(({ id, name }) => [name, id]))
}
