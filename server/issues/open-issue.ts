import type { Kysely } from 'kysely'
import { newId } from '#lib/ids.ts'
import { insertOrCount } from './store.ts'

export type IssueKind = 'refresh_failed' | 'interrupted_refresh' | 'instance_url_refused'

/**
 * Says on a connection that something is wrong; seen again, the open issue counts up instead of a second one being made.
 * `diagnosis`: as the API shows it, without secrets, or null. `db` may be a transaction.
 */
export async function openIssue(
  db: Kysely<unknown>,
  issue: { environmentId: string; connectionId: string; kind: IssueKind; diagnosis: unknown },
): Promise<void> {
  await insertOrCount(db, { id: newId(), ...issue })
}
