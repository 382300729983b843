import { z } from 'zod'
import { defineRoute } from './route.ts'
import * as values from './values.ts'

const states = { total: z.int(), ok: z.int(), broken: z.int(), frozen: z.int() }

const counts = {
  /** Proxied calls. */
  calls: z.int(),
  /** Answered with 4xx, 5xx; not answered, because the caller hung up or the answer broke off. */
  client_errors: z.int(),
  server_errors: z.int(),
  no_answer: z.int(),
  /** Token requests that brought new tokens, and those that did not. */
  refreshes: z.int(),
  refresh_failures: z.int(),
  /** Of whole calls, the provider's time included. Null: there were none. */
  p50_ms: z.number().nullable(),
  p95_ms: z.number().nullable(),
}

const overview = z
  .object({
    from: values.timestamp,
    to: values.timestamp,
    bucket_seconds: z.int(),
    /** Every connection counts once: as frozen, else as broken, else as ok. */
    connections: z.object({
      ...states,
      /** The largest 100. */
      by_integration: z.array(z.object({ integration: z.string(), provider: z.string(), display_name: z.string(), ...states })),
    }),
    issues: z.object({ open: z.int(), by_kind: z.array(z.object({ kind: z.string(), count: z.int() })) }),
    totals: z.object(counts),
    /** Earliest first, none left out. */
    series: z.array(z.object({ at: values.timestamp, ...counts })),
    /** Of Salesforce orgs, as this server process has last seen it; the fullest 20. */
    api_usage: z.array(
      z.object({
        org_id: z.string(),
        org_name: z.string().nullable(),
        connection_id: z.string(),
        integration: z.string(),
        used: z.int(),
        max: z.int(),
        seen_at: values.timestamp,
      }),
    ),
    /** Rows of the activity that were lost because the database did not take them in time. */
    activity: z.object({ dropped: z.int() }),
  })
  .meta({ id: 'Overview' })

export const getOverview = defineRoute({
  name: 'getOverview',
  method: 'GET',
  path: '/overview',
  summary: 'Sums up the environment: connections, open issues, calls and refreshes over time.',
  access: { key: ['environment:activity:read'] },
  query: z.strictObject({ hours: z.enum(['1', '24', '168', '720']).optional() }),
  reply: { status: 200, body: z.object({ data: overview }) },
})
