import { queryOptions, useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { Badge } from '../../ui/badge.tsx'
import { EmptyState } from '../../ui/empty-state.tsx'
import { Skeleton } from '../../ui/skeleton.tsx'
import { TimeAgo } from '../../ui/time-ago.tsx'
import { call, type Reply } from '../api/call.ts'
import { ErrorNotice } from '../api/error-notice.tsx'
import { duration } from '../overview/duration.ts'
import type { ConnectionAddress } from './connection-query.ts'

type Operation = Reply<'listActivity'>['operations'][number]
const SHOWN = 50
const AGAIN_MS = 10_000

const activityQuery = ({ integration, connection }: ConnectionAddress) =>
  queryOptions({
    queryKey: ['connection-activity', integration, connection],
    queryFn: ({ signal }) => call('listActivity', { query: { integration, connection, limit: SHOWN } }, signal),
    select: ({ operations }) => operations,
    refetchInterval: AGAIN_MS,
  })

const KINDS: Record<Operation['kind'], string> = {
  call: 'Call',
  sign_in: 'Sign-in',
  refresh: 'Refresh',
  connection: 'Connection',
  webhook: 'Webhook',
  change: 'Change',
}

/** The latest operations; the rest is in the logs. */
export function ConnectionActivity({ address }: { address: ConnectionAddress }) {
  const { data: operations, error, isPending } = useQuery(activityQuery(address))
  if (isPending) return <Skeleton className="h-96" />
  if (operations?.length === 0)
    return (
      <EmptyState title="Nothing has happened yet">
        <p>Calls through the proxy, refreshes, sign-ins and changes of this connection appear here. Try a request to see the first one.</p>
      </EmptyState>
    )
  return (
    <>
      <ErrorNotice error={error} />
      <div role="region" aria-label="Latest operations" tabIndex={0} className="overflow-x-auto rounded-xl border border-line bg-card">
        <table className="w-full text-sm">
          <thead className="text-left text-soft">
            <tr>
              {['When', 'What', 'Outcome', 'Time'].map((name) => (
                <th key={name} className="px-4 py-2 font-normal">
                  {name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {operations?.map((operation) => (
              <tr key={operation.id} className="border-t border-line">
                <td className="px-4 py-2 text-soft">
                  <TimeAgo at={operation.at} />
                </td>
                <td className="max-w-md px-4 py-2">
                  <Link to="/logs/$operation" params={{ operation: operation.id }} className="block truncate text-link hover:underline">
                    {operation.path ? `${operation.method ?? ''} ${operation.path}` : `${KINDS[operation.kind]}: ${operation.action}`}
                  </Link>
                </td>
                <td className="px-4 py-2">
                  <Badge tone={operation.outcome === 'success' ? 'good' : 'bad'}>
                    {operation.status ?? (operation.outcome === 'success' ? 'Done' : 'Failed')}
                  </Badge>
                  {operation.error && <span className="ml-2 text-soft">{operation.error.title ?? operation.error.code}</span>}
                </td>
                <td className="px-4 py-2 whitespace-nowrap tabular-nums">
                  {operation.duration_ms === null ? '–' : duration(operation.duration_ms)}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <p className="pt-3 text-sm">
        <Link
          to="/logs"
          search={{ connection: address.connection, integration: address.integration } as never}
          className="text-link underline"
        >
          Search all of it in the logs
        </Link>
      </p>
    </>
  )
}
