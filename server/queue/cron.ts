import type { JobName } from './queue.ts'

export interface CronEntry {
  name: JobName
  /** Minute, hour, day, month, weekday in UTC. */
  match: string
}

/** What runs by the clock; once for the whole cluster, however many nodes there are. */
export const CRON: readonly CronEntry[] = [
  { name: 'clean-up', match: '*/10 * * * *' },
  { name: 'refresh-ahead', match: '* * * * *' },
  { name: 'refresh-org-facts', match: '5,15,25,35,45,55 * * * *' },
  { name: 'deliver-alerts', match: '* * * * *' },
]
