import { useInfiniteQuery } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { useMemo } from 'react'
import { ErrorNotice } from '../api/error-notice.tsx'
import { Title } from '../../ui/title.tsx'
import { ConnectionFilterBar } from './connection-filter-bar.tsx'
import { ConnectionTable } from './connection-table.tsx'
import { ConnectionsSkeleton } from './connections-skeleton.tsx'
import { connectionsQuery, filtersOf, withoutEmpty, type ConnectionFilters } from './connections-query.ts'
import { NewConnectionButton } from './new-connection-button.tsx'
import { NoConnections } from './no-connections.tsx'

const number = new Intl.NumberFormat()

export function ConnectionsPage() {
  const filters = filtersOf(useSearch({ strict: false }) as Record<string, unknown>)
  const navigate = useNavigate()
  const list = useInfiniteQuery(connectionsQuery(filters))
  const rows = useMemo(() => list.data?.pages.flatMap(({ connections }) => connections) ?? [], [list.data])
  const isFiltered = Object.keys(filters).length > 0
  const total = list.data?.pages[0]?.total
  const change = (changed: ConnectionFilters) =>
    void navigate({ to: '/connections', search: withoutEmpty({ ...filters, ...changed }) as never, replace: true })
  const clear = () => void navigate({ to: '/connections', search: {} as never })
  const count = list.isPending
    ? 'Counting…'
    : total === null || total === undefined
      ? `${number.format(rows.length)}${list.hasNextPage ? ' or more' : ''} connections`
      : `${number.format(total)} ${total === 1 ? 'connection' : 'connections'}`
  return (
    <>
      <Title name="Connections" about="Whose accounts this environment may call, newest first." actions={<NewConnectionButton />} />
      <ConnectionFilterBar filters={filters} onChange={change} onClear={clear} />
      <p role="status" className="py-2 text-sm text-soft">
        {count}
        {isFiltered && !list.isPending && ' fit the filters'}
      </p>
      <ErrorNotice error={list.error} className="pb-3" />
      {list.isPending ? (
        <ConnectionsSkeleton />
      ) : rows.length === 0 && !list.error ? (
        <NoConnections isFiltered={isFiltered} onClear={clear} />
      ) : (
        <ConnectionTable
          key={JSON.stringify(filters)}
          rows={rows}
          total={total ?? undefined}
          hasMore={list.hasNextPage}
          isLoadingMore={list.isFetchingNextPage}
          onWantMore={() => void list.fetchNextPage({ cancelRefetch: false })}
        />
      )}
    </>
  )
}
