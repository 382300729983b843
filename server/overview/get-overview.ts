import type { Kysely } from 'kysely'
import * as routes from '@hawser/api/overview.ts'
import { countsBetween, type SummedCounts } from '#activity/counts-store.ts'
import { quantileOf } from '#activity/latency-classes.ts'
import { handler, type Handler } from '#http/handler.ts'
import type { Clock } from '#lib/clock.ts'
import type { ApiUsageGauge } from '#orgs/api-usage.ts'
import { connectionsOfOrgs, countByIntegration, countOpenIssues, type CountedIntegration } from './overview-store.ts'

export interface OverviewDeps {
  db: Kysely<unknown>
  clock: Clock
  usage: Pick<ApiUsageGauge, 'fullest'>
  /** Writes what this process has counted. */
  flush: () => Promise<void>
}

const MINUTE_MS = 60_000
/** Minutes of a bucket, by hours of the whole: 60 to 96 buckets. */
const BUCKET_MINUTES = { '1': 1, '24': 15, '168': 120, '720': 480 } as const
const MOST_INTEGRATIONS = 100
const MOST_ORGS = 20

export function getOverview(deps: OverviewDeps): Handler {
  return handler(routes.getOverview, async ({ query, principal: { environmentId } }) => {
    await deps.flush()
    const hours = query.hours ?? '24'
    const bucketMs = BUCKET_MINUTES[hours] * MINUTE_MS
    const buckets = (Number(hours) * 60) / BUCKET_MINUTES[hours]
    const now = deps.clock.now()
    // The last bucket is the one that is under way.
    const to = now - (now % bucketMs) + bucketMs
    const from = to - buckets * bucketMs
    const [integrations, byKind, counts, apiUsage] = await Promise.all([
      countByIntegration(deps.db, environmentId),
      countOpenIssues(deps.db, environmentId),
      countsBetween(deps.db, { environmentId, from, to, bucketMs }),
      apiUsageOf(deps, environmentId),
    ])
    const byBucket = new Map(counts.map((counted) => [counted.at, counted]))
    const starts = Array.from({ length: buckets }, (_none, index) => from + index * bucketMs)
    return {
      data: {
        from: new Date(from).toISOString(),
        to: new Date(to).toISOString(),
        bucket_seconds: bucketMs / 1000,
        connections: connectionsAnswer(integrations),
        issues: { open: byKind.reduce((sum, { count }) => sum + count, 0), by_kind: byKind },
        totals: countsAnswer(counts),
        series: starts.map((at) => ({
          at: new Date(at).toISOString(),
          ...countsAnswer([byBucket.get(at)].filter((one) => one !== undefined)),
        })),
        api_usage: apiUsage,
        activity: { dropped: counts.reduce((sum, { dropped }) => sum + dropped, 0) },
      },
    }
  })
}

function connectionsAnswer(integrations: readonly CountedIntegration[]) {
  const rows = integrations.map(({ integration, provider, display_name, total, ...counted }) => {
    const frozen = counted.stopped ? total : counted.frozen
    const broken = counted.stopped ? 0 : counted.broken
    return { integration, provider, display_name, total, ok: Math.max(0, total - broken - frozen), broken, frozen }
  })
  const sum = (name: 'total' | 'ok' | 'broken' | 'frozen') => rows.reduce((all, row) => all + row[name], 0)
  return {
    total: sum('total'),
    ok: sum('ok'),
    broken: sum('broken'),
    frozen: sum('frozen'),
    by_integration: rows.slice(0, MOST_INTEGRATIONS),
  }
}

type Count = Exclude<keyof SummedCounts, 'at' | 'latency'>

function countsAnswer(counts: readonly SummedCounts[]) {
  const sum = (name: Count) => counts.reduce((all, row) => all + row[name], 0)
  const latency = counts.reduce<number[]>((all, row) => row.latency.map((count, at) => count + (all[at] ?? 0)), [])
  return {
    calls: sum('calls'),
    client_errors: sum('clientErrors'),
    server_errors: sum('serverErrors'),
    no_answer: sum('noAnswer'),
    refreshes: sum('refreshes'),
    refresh_failures: sum('refreshFailures'),
    p50_ms: quantileOf(latency, 0.5),
    p95_ms: quantileOf(latency, 0.95),
  }
}

/** The gauge knows orgs of all environments: only those are shown that this one has a connection to. */
async function apiUsageOf({ db, usage }: OverviewDeps, environmentId: string) {
  const known = usage.fullest()
  if (known.length === 0) return []
  const connections = new Map(
    (
      await connectionsOfOrgs(
        db,
        environmentId,
        known.map(({ orgId }) => orgId),
      )
    ).map((row) => [row.org_id.slice(0, 15), row]),
  )
  return known
    .flatMap(({ orgId, used, max, seenAt }) => {
      const row = connections.get(orgId.slice(0, 15))
      return row ? [{ ...row, used, max, seen_at: new Date(seenAt).toISOString() }] : []
    })
    .slice(0, MOST_ORGS)
}
