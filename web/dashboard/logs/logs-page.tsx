import { useNavigate, useSearch } from '@tanstack/react-router'
import ArrowUp from 'lucide-react/icons/arrow-up'
import { useRef } from 'react'
import { Button } from '../../ui/button.tsx'
import { Spinner } from '../../ui/spinner.tsx'
import { Title } from '../../ui/title.tsx'
import { ErrorNotice } from '../api/error-notice.tsx'
import { LiveControls } from './live-controls.tsx'
import { LogFilterBar } from './log-filter-bar.tsx'
import { compact, logFiltersOf, searchOf, type LogFilters } from './log-filters.ts'
import { PAGE_ROWS } from './log-query.ts'
import { LogTable } from './log-table.tsx'
import { LogsSkeleton } from './logs-skeleton.tsx'
import { NoLogs } from './no-logs.tsx'
import { useLog } from './use-log.ts'

const number = new Intl.NumberFormat()

export function LogsPage() {
  const filters = logFiltersOf(useSearch({ strict: false }) as Record<string, unknown>)
  const navigate = useNavigate()
  const log = useLog(filters)
  const { list, rows } = log
  const table = useRef<HTMLDivElement>(null)
  const go = (next: LogFilters) => void navigate({ to: '/logs', search: searchOf(next) as never, replace: true })
  const clear = () => void navigate({ to: '/logs', search: {} as never })
  const further = list.hasNextPage ? () => void list.fetchNextPage({ cancelRefetch: false }) : undefined
  const showWaiting = () => {
    log.showWaiting()
    table.current?.querySelector('[data-scroll-restoration-id]')?.scrollTo({ top: 0 })
  }
  return (
    <>
      <Title name="Logs" about="Every call, sign-in, refresh, webhook and change, latest first." actions={<LiveControls {...log} />} />
      <LogFilterBar filters={filters} onChange={(changed) => go(compact({ ...filters, ...changed }))} onClear={clear} />
      <p role="status" className="sr-only">
        {log.waiting > 0 && `${log.waiting} new operations wait at the top of the list.`}
      </p>
      <ErrorNotice error={list.error} className="pt-3" />
      <div
        ref={table}
        className={`relative pt-3 ${list.isPlaceholderData ? 'opacity-60' : ''}`}
        aria-busy={list.isPlaceholderData || undefined}
      >
        {log.waiting > 0 && (
          <div className="pointer-events-none absolute inset-x-0 top-5 z-10 flex justify-center md:top-15">
            <Button look="primary" size="small" className="pointer-events-auto rounded-full! shadow-lg" onClick={showWaiting}>
              <ArrowUp aria-hidden="true" className="size-4" />
              {number.format(log.waiting)}
              {log.isFull && '+'} new
            </Button>
          </div>
        )}
        {list.isPending ? (
          <LogsSkeleton />
        ) : rows.length === 0 && !list.error ? (
          <NoLogs isFiltered={Object.keys(filters).length > 0} onClear={clear} onFurther={further} isSearching={list.isFetchingNextPage} />
        ) : rows.length > 0 ? (
          <LogTable
            key={JSON.stringify(filters)}
            rows={rows}
            hasMore={list.hasNextPage}
            loadsByItself={(list.data?.pages.at(-1)?.operations.length ?? 0) >= PAGE_ROWS}
            isLoadingMore={list.isFetchingNextPage}
            onWantMore={() => void list.fetchNextPage({ cancelRefetch: false })}
            onAway={log.setAway}
            foot={<Foot count={rows.length} isLoading={list.isFetchingNextPage} onFurther={further} />}
          />
        ) : null}
      </div>
    </>
  )
}

function Foot({ count, isLoading, onFurther }: { count: number; isLoading: boolean; onFurther: (() => void) | undefined }) {
  if (isLoading)
    return (
      <span className="flex items-center gap-2">
        <Spinner /> Looking for earlier rows…
      </span>
    )
  if (onFurther)
    return (
      <Button size="small" look="quiet" onClick={onFurther}>
        Show earlier rows
      </Button>
    )
  return <span>{count === 1 ? 'One operation' : `${number.format(count)} operations`}, no earlier ones.</span>
}
