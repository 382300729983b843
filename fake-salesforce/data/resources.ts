import { json, type Reply } from '../reply.ts'
import type { State } from '../state.ts'
import type { Call } from './call.ts'

const NEWEST = 67
const OLDEST = 31
const SEASONS = ['Winter', 'Spring', 'Summer']

/** `retired` versions answer 410, `unknown` ones 404. */
export function versionState(version: string): 'current' | 'retired' | 'unknown' {
  const match = /^v(\d{2})\.0$/.exec(version)
  const number = Number(match?.[1])
  if (match === null || number > NEWEST || number < 21) return 'unknown'
  return number < OLDEST ? 'retired' : 'current'
}

/** Winter '26 is 65, and three releases make a year. */
function label(number: number): string {
  const years = Math.floor((number - 65) / 3)
  return `${SEASONS[number - 65 - years * 3]} '${26 + years}`
}

/** `GET /services/data`, the only data path without a session. */
export function versionList(): Reply {
  const versions = []
  for (let number = OLDEST; number <= NEWEST; number++) {
    versions.push({ label: label(number), url: `/services/data/v${number}.0`, version: `${number}.0` })
  }
  return json(200, versions)
}

/** `GET /services/data/vXX.0` */
export function resourceMap(call: Call): Reply {
  const names = ['tooling', 'query', 'queryAll', 'search', 'limits', 'sobjects', 'composite', 'jobs', 'recent', 'chatter', 'analytics']
  const map: Record<string, string> = {}
  for (const name of names) map[name] = `${call.base}/${name}`
  map['identity'] = `${call.state.origins.org(call.org.key)}/id/${call.org.orgId}/${call.user.id}`
  return json(200, map)
}

/** `GET /limits` */
export function limits(call: Call): Reply {
  const { max, used } = call.org.limits
  const remaining = (Max: number, Remaining: number) => ({ Max, Remaining })
  return json(200, {
    DailyApiRequests: remaining(max, Math.max(0, max - used)),
    DailyBulkApiBatches: remaining(15_000, 15_000),
    DailyBulkV2QueryJobs: remaining(10_000, 10_000),
    DailyAsyncApexExecutions: remaining(250_000, 250_000),
    DataStorageMB: remaining(200, 198),
    FileStorageMB: remaining(200, 199),
    SingleEmail: remaining(15, 15),
  })
}

const DAY = 24 * 3_600_000

/** Counts one call; false when the day's allowance is used up. The window is 24 h from its first call. */
export function countCall(state: State, orgKey: string): boolean {
  const limit = state.orgs.get(orgKey)?.limits
  if (limit === undefined) return false
  if (state.clock.now() - limit.windowStart >= DAY) {
    limit.windowStart = state.clock.now()
    limit.used = 0
  }
  if (limit.used >= limit.max) return false
  limit.used += 1
  return true
}
