import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { Panel } from '../../ui/panel.tsx'
import { Skeleton } from '../../ui/skeleton.tsx'
import { TimeAgo } from '../../ui/time-ago.tsx'
import { ErrorNotice } from '../api/error-notice.tsx'
import { nameOf } from '../connections/connection-words.ts'
import { openIssuesQuery } from './overview-query.ts'

const WHO: Record<string, string> = {
  developer: 'You can end it',
  customer_admin: 'Their administrator can end it',
  end_user: 'Their user can end it',
  salesforce: 'Salesforce has to end it',
  provider: 'The provider has to end it',
  hawser: 'A fault of Hawser',
}

/** The latest few, with who can end them. */
export function OpenIssues({ total }: { total: number | undefined }) {
  const { data: issues, error, isPending } = useQuery(openIssuesQuery)
  return (
    <Panel
      title="Open issues"
      actions={
        total !== undefined &&
        total > 0 && (
          <Link to="/issues" className="text-sm text-link underline">
            Show all {total.toLocaleString()}
          </Link>
        )
      }
    >
      <ErrorNotice error={error} />
      {isPending && <Skeleton className="h-12" />}
      {issues?.length === 0 && (
        <p className="flex min-h-12 items-center text-sm text-soft">
          Nothing is wrong. What stops a connection appears here, with its cause and the steps that end it.
        </p>
      )}
      <ul className="divide-y divide-line">
        {issues?.map((issue) => (
          <li key={issue.id} className="flex min-h-12 flex-wrap items-baseline justify-between gap-x-6 gap-y-1 py-2.5">
            <div className="min-w-0">
              <Link
                to="/connections/$integration/$connection"
                params={{ integration: issue.provider_config_key, connection: issue.connection_id }}
                className="font-medium text-link hover:underline"
              >
                {issue.diagnosis?.title ?? issue.kind}
              </Link>
              <p className="truncate text-sm text-soft">
                {nameOf({ ...issue, org: null })} · {issue.provider_config_key}
              </p>
            </div>
            <p className="text-sm text-soft">
              {issue.diagnosis && WHO[issue.diagnosis.actor]} · <TimeAgo at={issue.opened_at} />
            </p>
          </li>
        ))}
      </ul>
    </Panel>
  )
}
