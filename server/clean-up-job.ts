/** The job of every ten minutes that removes what has ended, slice by slice; each slice bounds how much it removes at once. */
import type { createAccounts } from '#accounts/compose-accounts.ts'
import type { createActivitySlice } from '#activity/compose-activity.ts'
import { pruneAudit } from '#audit/prune-audit.ts'
import type { openAuditKey } from '#audit/audit-key.ts'
import type { Audit } from '#audit/record-disclosure.ts'
import { cleanUpSessions } from '#connect/store.ts'
import type { createEvents } from '#events/compose-events.ts'
import { cleanUpIssues } from '#issues/clean-up-issues.ts'
import type { createPeople } from '#people/compose-people.ts'
import { removeDeadJobs } from '#queue/remove-dead-jobs.ts'
import type { Spool } from '#vault/spool.ts'
import type { Kit } from './kit.ts'

interface Slices {
  kit: Kit
  events: ReturnType<typeof createEvents>
  accounts: ReturnType<typeof createAccounts>
  people: ReturnType<typeof createPeople>
  activity: ReturnType<typeof createActivitySlice>
  spool: Spool
  audit: Audit
  auditKey: Awaited<ReturnType<typeof openAuditKey>>
  auditKeepMs: number
}

export function cleanUpJob({ kit, events, accounts, people, activity, spool, audit, auditKey, auditKeepMs }: Slices) {
  const db = kit.db.kysely
  return async () => {
    await events.cleanUp()
    await cleanUpSessions(db)
    await accounts.cleanUp()
    await people.cleanUp()
    await cleanUpIssues(db)
    await activity.cleanUp()
    await spool.sweep(kit.clock.now())
    await removeDeadJobs(kit.db)
    await pruneAudit({ kysely: db, key: auditKey, audit, keepMs: auditKeepMs, now: kit.clock.now() })
  }
}
