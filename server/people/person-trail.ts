/** What people do about themselves and each other, in the audit trail of the installation. */
import type { Clock } from '#lib/clock.ts'
import { requestOrigin } from '#http/request-origin.ts'
import { subscriberOf } from '#http/client-address.ts'
import { createLru } from '#lib/lru.ts'
import { createHmac, randomBytes } from 'node:crypto'

/** Of entries that belong to no environment. */
export const NO_ENVIRONMENT = '00000000-0000-0000-0000-000000000000'
const GROUP_MS = 10 * 60_000
const MOST_GROUPS = 10_000
/** Whoever tries many accounts from many addresses fills no trail with it. */
const FAILURES_A_MINUTE = 60

/** Commits a row. Given by `compose.ts` (audit lies on the same level). */
export type RecordChange = (entry: {
  environmentId: string
  actor: Record<string, unknown>
  action: string
  subject: Record<string, unknown>
}) => Promise<void>

export interface PersonTrail {
  /** Await before the change. `actor` null: nobody who is known. */
  record(actor: string | null, action: string, subject?: Record<string, unknown>): Promise<void>
  /**
   * A failed sign-in: one row for each account and address within ten minutes, and no more than 60 a minute. `personId` undefined: there is no such account,
   * or nobody has said which.
   */
  failed(account: string, personId: string | undefined, subject: Record<string, unknown>): Promise<void>
}

export function createPersonTrail(clock: Clock, recordChange: RecordChange): PersonTrail {
  const salt = randomBytes(32)
  const groups = createLru<string, { since: number }>({ maxEntries: MOST_GROUPS })
  let minute = { since: clock.now(), count: 0 }
  const record: PersonTrail['record'] = (actor, action, subject = {}) =>
    recordChange({
      environmentId: NO_ENVIRONMENT,
      actor: actor === null ? { kind: 'visitor' } : { kind: 'person', id: actor },
      action,
      subject,
    })
  return {
    record,
    async failed(account, personId, subject) {
      const now = clock.now()
      if (now - minute.since >= 60_000) minute = { since: now, count: 0 }
      const group = createHmac('sha256', salt)
        .update(`${account} ${subscriberOf(requestOrigin()?.address ?? '')}`)
        .digest('base64')
      const found = groups.get(group)
      if ((found && now - found.since < GROUP_MS) || minute.count >= FAILURES_A_MINUTE) return
      groups.set(group, { since: now })
      minute.count++
      await record(null, 'person.sign_in_failed', personId === undefined ? subject : { person_id: personId, ...subject })
    },
  }
}
