/** How much of its daily API calls an org has used, as the answers of any call tell. In memory, of this process. */
import { parseLimitInfo } from '@hawser/salesforce/limits.ts'
import type { Clock } from '#lib/clock.ts'
import { createLru } from '#lib/lru.ts'

export interface ApiUsage {
  used: number
  max: number
  /** ms since 1970 */
  seenAt: number
}

export interface ApiUsageGauge {
  /** `header`: the value of `Sforce-Limit-Info`; what cannot be read changes nothing. */
  note(orgId: string, header: string): void
  read(orgId: string): ApiUsage | undefined
  /** Of the orgs that were seen within the last 24 hours, the 500 that have used the largest part; the fullest first. */
  fullest(): ({ orgId: string } & ApiUsage)[]
  /** False from 90 % of the limit on, until a lower value is seen or the window of 24 hours has passed: what is left is for the org's own programs. */
  mayUseInBackground(orgId: string): boolean
}

const MAX_ORGS = 10_000
const MOST_SHOWN = 500
const STOP_AT = 0.9
const WINDOW_MS = 86_400_000

export function createApiUsageGauge(clock: Clock): ApiUsageGauge {
  const orgs = createLru<string, ApiUsage & { orgId: string; header: string }>({ maxEntries: MAX_ORGS })
  // Half of Salesforce speaks of ids with 15 characters, half with 18.
  const keyOf = (orgId: string) => orgId.slice(0, 15)
  const read = (orgId: string): ApiUsage | undefined => orgs.get(keyOf(orgId))
  return {
    note(orgId, header) {
      const known = orgs.get(keyOf(orgId))
      if (known?.header === header) {
        known.seenAt = clock.now()
        return
      }
      const limit = parseLimitInfo(header)
      if (limit) orgs.set(keyOf(orgId), { orgId, used: limit.used, max: limit.max, seenAt: clock.now(), header })
    },
    read,
    fullest() {
      const since = clock.now() - WINDOW_MS
      return [...orgs.values()]
        .flatMap(({ orgId, used, max, seenAt }) => (seenAt >= since && max > 0 ? [{ orgId, used, max, seenAt }] : []))
        .sort((one, other) => other.used / other.max - one.used / one.max)
        .slice(0, MOST_SHOWN)
    },
    mayUseInBackground(orgId) {
      const usage = read(orgId)
      if (!usage || clock.now() - usage.seenAt >= WINDOW_MS) return true
      return usage.used < usage.max * STOP_AT
    },
  }
}
