/** SQL of one-time links. */
import { sql, type Transaction } from 'kysely'
import type { Role } from '@hawser/api/roles.ts'
import type { GivenRole } from './people-deps.ts'
import type { Db } from './person-store.ts'

export type LinkKind = 'owner' | 'invitation' | 'password'

export interface FoundLink {
  id: string
  kind: LinkKind
  email: string | null
  person_id: string | null
  roles: GivenRole[] | null
  expires_at: Date
}

const columns = sql.raw('id, kind, email, person_id, roles, expires_at')
/** What an owner handed out counts while its maker is one: somebody who was put out must not come back by a link of her own. */
const good = sql.raw(`person_link.expires_at > hawser_now() and (person_link.kind = 'owner'
  or exists (select from member where member.person_id = person_link.created_by and member.role = 'owner'))`)

export interface NewLink {
  id: string
  kind: LinkKind
  tokenHash: Buffer
  email?: string | undefined
  personId?: string | undefined
  roles?: readonly GivenRole[] | undefined
  createdBy?: string | undefined
  expiresAt: Date
}

export async function insertLink(db: Db, link: NewLink): Promise<void> {
  await sql`
    insert into person_link (id, kind, token_hash, email, person_id, roles, created_by, expires_at)
    values (${link.id}, ${link.kind}, ${link.tokenHash}, ${link.email ?? null}, ${link.personId ?? null},
      ${link.roles ? JSON.stringify(link.roles) : null}::jsonb, ${link.createdBy ?? null}, ${link.expiresAt})`.execute(db)
}

/** Links of that kind for the same person, or owner's links: a new one ends the old. */
export async function deleteLinksLike(db: Db, kind: LinkKind, personId: string | undefined): Promise<void> {
  await sql`delete from person_link where kind = ${kind} and person_id is not distinct from ${personId ?? null}::uuid`.execute(db)
}

export async function findLink(db: Db, tokenHash: Buffer): Promise<FoundLink | undefined> {
  const { rows } = await sql<FoundLink>`
    select ${columns} from person_link where token_hash = ${tokenHash} and ${good}`.execute(db)
  return rows[0]
}

/** Works once, whoever asks at the same time. */
export async function takeLink(db: Db, tokenHash: Buffer, kind: 'invitation' | 'password'): Promise<FoundLink | undefined> {
  const { rows } = await sql<FoundLink>`
    delete from person_link where token_hash = ${tokenHash} and kind = ${kind} and ${good} returning ${columns}`.execute(db)
  return rows[0]
}

/** Uses up every owner's link: each start without an owner printed one, and those that stand in old logs must not make a second owner. */
export async function takeOwnerLink(db: Transaction<unknown>, tokenHash: Buffer): Promise<boolean> {
  const { rows } = await sql<{ given: boolean }>`
    select token_hash = ${tokenHash} and expires_at > hawser_now() as given from person_link where kind = 'owner' order by id for update`.execute(
    db,
  )
  if (!rows.some(({ given }) => given)) return false
  await deleteLinksLike(db, 'owner', undefined)
  return true
}

/** Of the single sign-on: the identity provider has proved the address, which is what the link would. */
export async function takeInvitationOf(db: Db, email: string): Promise<FoundLink | undefined> {
  const { rows } = await sql<FoundLink>`
    delete from person_link where kind = 'invitation' and email = ${email.toLowerCase()} and ${good} returning ${columns}`.execute(db)
  return rows[0]
}

export interface ListedInvitation {
  id: string
  email: string
  roles: { environment: string | null; role: Role }[]
  invited_by: string | null
  expires_at: Date
  created_at: Date
}

/** `id` undefined: all of them, 500 at most. Environments that are gone are left out of the roles. */
export async function listInvitationRows(db: Db, id?: string): Promise<ListedInvitation[]> {
  const { rows } = await sql<ListedInvitation>`
    select person_link.id, person_link.email, p.name as invited_by, expires_at, person_link.created_at,
      (select coalesce(json_agg(json_build_object('environment', e.name, 'role', r ->> 'role')), '[]')
         from jsonb_array_elements(person_link.roles) r left join environment e on e.id = (r ->> 'environmentId')::uuid
        where r ->> 'environmentId' is null or e.id is not null) as roles
      from person_link left join person p on p.id = person_link.created_by
     where kind = 'invitation' and ${good} and (${id ?? null}::uuid is null or person_link.id = ${id ?? null})
     order by person_link.created_at desc limit 500`.execute(db)
  return rows
}

export async function deleteInvitationRow(db: Db, id: string): Promise<boolean> {
  const { numAffectedRows } = await sql`delete from person_link where id = ${id} and kind = 'invitation'`.execute(db)
  return numAffectedRows === 1n
}

/** Whether an invitation for that address is open. */
export async function isInvited(db: Db, email: string): Promise<boolean> {
  const { rows } = await sql<{ found: boolean }>`
    select exists (select from person_link where kind = 'invitation' and email = ${email.toLowerCase()} and ${good}) as found`.execute(db)
  return rows[0]!.found
}
