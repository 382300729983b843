import { sql, type Kysely } from 'kysely'
import type { Audit } from './record-disclosure.ts'

const PAGE = 500

/**
 * Takes an end user's id and addresses out of the audit trail; the rows stay, with a pseudonym that nobody can resolve. The erasure itself is a row,
 * which tells it from a removal by somebody else. Returns how many entries went. Other nodes may use their digest of the person for a day.
 */
export async function eraseEndUser(
  { kysely, audit }: { kysely: Kysely<unknown>; audit: Pick<Audit, 'changed' | 'forgetPersons'> },
  erased: { environmentId: string; endUserId: string; actor: Record<string, unknown> },
): Promise<number> {
  const { environmentId, endUserId, actor } = erased
  audit.forgetPersons()
  let count = 0
  for (;;) {
    const { rows } = await sql<{ digest: Buffer }>`
      select digest from audit_person where environment_id = ${environmentId} and end_user_id = ${endUserId} limit ${PAGE}`.execute(kysely)
    if (rows.length === 0) return count
    const digests = rows.map((row) => row.digest)
    // First the trace: should this stop half-way, it is done again, and nothing is missing without a reason.
    const persons = digests.map((digest) => digest.toString('hex'))
    await audit.changed({ environmentId, actor, action: 'audit.person_erased', subject: { persons } })
    await sql`delete from audit_person where digest = any(${digests}::bytea[])`.execute(kysely)
    count += digests.length
  }
}
