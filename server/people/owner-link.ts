/** The link for the first owner, and for one who lost access. Whoever can run commands on the server may have it. */
import type { Kysely } from 'kysely'
import { makeLink } from './one-time-link.ts'
import { hasOwner } from './person-store.ts'
import type { RecordChange } from './person-trail.ts'
import { NO_ENVIRONMENT } from './person-trail.ts'

export async function makeOwnerLink(
  db: Kysely<unknown>,
  publicUrl: string,
  now: number,
  recordChange: RecordChange,
  by: 'server' | 'command_line',
): Promise<{ url: string; expiresAt: Date }> {
  await recordChange({
    environmentId: NO_ENVIRONMENT,
    actor: { kind: by },
    action: 'person.owner_link',
    subject: { first_owner: !(await hasOwner(db)) },
  })
  return makeLink(db, publicUrl, now, { kind: 'owner' }, by === 'command_line')
}

/** Undefined: there is an owner, and at the start no link is made. */
export async function firstOwnerLink(
  db: Kysely<unknown>,
  publicUrl: string,
  now: number,
  recordChange: RecordChange,
): Promise<string | undefined> {
  if (await hasOwner(db)) return undefined
  return (await makeOwnerLink(db, publicUrl, now, recordChange, 'server')).url
}
