import { useQuery } from '@tanstack/react-query'
import { Skeleton } from '../../ui/skeleton.tsx'
import { Panel } from '../../ui/panel.tsx'
import { Link } from '@tanstack/react-router'
import { call } from '../api/call.ts'
import { ErrorNotice } from '../api/error-notice.tsx'
import { nameOf } from '../connections/connection-words.ts'
import { ApiUsage } from '../overview/api-usage.tsx'
import { overviewQuery } from '../overview/overview-query.ts'
import { useWorkplace } from '../shell/me.ts'
import { AppMigrationPanel } from './app-migration-panel.tsx'
import { isSalesforce, type Integration, type Provider } from './integrations-query.ts'

const MOST_SHOWN = 50

/** What Salesforce limits: calls a day, and approvals of one user. */
export function UsagePanels({ integration, provider }: { integration: Integration; provider: Provider | undefined }) {
  const { may } = useWorkplace()
  const { data: overview, error } = useQuery({ ...overviewQuery('24'), enabled: may('environment:activity:read') })
  const figures = overview?.connections.by_integration.find((row) => row.integration === integration.unique_key)
  return (
    <div className="flex max-w-4xl flex-col gap-5">
      <ErrorNotice error={error} />
      <Panel title="Connections">
        {overview ? (
          <p className="text-sm">
            {(figures?.total ?? 0).toLocaleString()} in all: {(figures?.ok ?? 0).toLocaleString()} working,{' '}
            {(figures?.broken ?? 0).toLocaleString()} need attention, {(figures?.frozen ?? 0).toLocaleString()} frozen.
          </p>
        ) : (
          <Skeleton className="h-5 w-72" />
        )}
      </Panel>
      {isSalesforce(provider) && (
        <>
          <ApiUsage rows={overview?.api_usage.filter((row) => row.integration === integration.unique_key)} />
          <Approvals integrationKey={integration.unique_key} />
          <AppMigrationPanel integration={integration} />
        </>
      )}
    </div>
  )
}

/** Source of the five: Salesforce Help, "Manage OAuth Access Policies" (V). */
function Approvals({ integrationKey }: { integrationKey: string }) {
  const { data, error, isPending } = useQuery({
    queryKey: ['issues', 'approvals', integrationKey],
    queryFn: async ({ signal }) => {
      const of = (kind: string) =>
        call('listIssues', { query: { state: 'open', kind, integration: integrationKey, limit: MOST_SHOWN } }, signal)
      const [usedUp, evicted] = await Promise.all([of('approvals_used_up'), of('approval_evicted')])
      return { usedUp: usedUp.issues, evicted: evicted.issues }
    },
  })
  const rows = data ? [...data.evicted, ...data.usedUp] : []
  return (
    <Panel
      title="Approvals"
      about="Salesforce keeps five approvals of one user for one app; the sixth ends the oldest without a word. Hawser counts those that it knows."
    >
      <ErrorNotice error={error} />
      {isPending && <Skeleton className="h-10" />}
      {data && rows.length === 0 && <p className="text-sm text-soft">No user of this integration has used up all five.</p>}
      {data && rows.length > 0 && (
        <p className="pb-2 text-sm">
          {data.usedUp.length} {data.usedUp.length === 1 ? 'user has' : 'users have'} used up all five; {data.evicted.length}{' '}
          {data.evicted.length === 1 ? 'connection has' : 'connections have'} lost the approval.
        </p>
      )}
      <ul className="divide-y divide-line text-sm">
        {rows.map((issue) => (
          <li key={issue.id} className="py-2">
            <Link
              to="/connections/$integration/$connection"
              params={{ integration: issue.provider_config_key, connection: issue.connection_id }}
              className="text-link hover:underline"
            >
              {nameOf({ ...issue, org: null })}
            </Link>
            <p className="text-soft">{issue.diagnosis?.title}</p>
          </li>
        ))}
      </ul>
    </Panel>
  )
}
