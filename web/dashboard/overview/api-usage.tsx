import { Link } from '@tanstack/react-router'
import { Panel } from '../../ui/panel.tsx'
import { Skeleton } from '../../ui/skeleton.tsx'
import { TimeAgo } from '../../ui/time-ago.tsx'
import type { Overview } from './overview-query.ts'
import { UsageGauge } from './usage-gauge.tsx'

/** Salesforce's own count of API calls by org: all programs share one allowance a day. */
export function ApiUsage({ rows, about = true }: { rows: Overview['api_usage'] | undefined; about?: boolean }) {
  return (
    <Panel
      title="API calls left in your customers’ orgs"
      about={about ? 'Every org has one allowance for 24 hours, shared by all programs that call it. Fullest first.' : undefined}
    >
      {rows === undefined ? (
        <Skeleton className="h-24" />
      ) : rows.length === 0 ? (
        <p className="text-sm text-soft">Salesforce tells it with the answers of calls; none has been made since this server started.</p>
      ) : (
        <ul className="flex flex-col gap-3">
          {rows.slice(0, 8).map((row) => (
            <li key={row.org_id} className="text-sm">
              <div className="flex flex-wrap items-baseline justify-between gap-x-4">
                <Link
                  to="/connections/$integration/$connection"
                  params={{ integration: row.integration, connection: row.connection_id }}
                  className="truncate text-link hover:underline"
                >
                  {row.org_name ?? row.org_id}
                </Link>
                <span className="text-soft">
                  <TimeAgo at={row.seen_at} />
                </span>
              </div>
              <UsageGauge used={row.used} max={row.max} name={row.org_name ?? row.org_id} />
            </li>
          ))}
        </ul>
      )}
    </Panel>
  )
}
