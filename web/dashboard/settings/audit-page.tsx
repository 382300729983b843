import { useInfiniteQuery } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { useMemo } from 'react'
import { Button } from '../../ui/button.tsx'
import { CopyLine } from '../../ui/copy-line.tsx'
import { EmptyState } from '../../ui/empty-state.tsx'
import { Panel } from '../../ui/panel.tsx'
import { Skeleton } from '../../ui/skeleton.tsx'
import { ErrorNotice } from '../api/error-notice.tsx'
import { useWorkplace } from '../shell/me.ts'
import { AuditFilterBar } from './audit-filter-bar.tsx'
import { auditFiltersOf, exportCommand, type AuditFilters } from './audit-filters.ts'
import { auditQuery } from './audit-query.ts'
import { AuditTable } from './audit-table.tsx'
import { NotForYourRole } from './not-for-your-role.tsx'
import { SettingsFrame } from './settings-frame.tsx'

export function AuditPage() {
  const { may } = useWorkplace()
  const search: Record<string, unknown> = useSearch({ strict: false })
  const navigate = useNavigate()
  const filters = useMemo(() => auditFiltersOf(search), [search])
  const setFilters = (next: AuditFilters) => void navigate({ to: '/settings/audit', search: next, replace: true })
  return (
    <SettingsFrame
      name="Audit"
      about="Who read, used or changed what. Every row holds the fingerprint of the one before, so that none can be altered unseen."
    >
      {may('environment:audit:read') ? (
        <div className="flex flex-col gap-5">
          <AuditFilterBar filters={filters} onChange={setFilters} />
          <Rows filters={filters} onClear={() => setFilters({})} />
          <Commands filters={filters} />
        </div>
      ) : (
        <NotForYourRole what="the audit trail" who="Owners, developers and support may." />
      )}
    </SettingsFrame>
  )
}

function Rows({ filters, onClear }: { filters: AuditFilters; onClear: () => void }) {
  const audit = useInfiniteQuery(auditQuery(filters))
  const rows = useMemo(() => audit.data?.pages.flatMap(({ events }) => events) ?? [], [audit.data])
  if (audit.error && rows.length === 0) return <ErrorNotice error={audit.error} />
  if (audit.isPending) return <Skeleton className="h-[max(20rem,calc(100dvh-24rem))]" />
  if (rows.length === 0)
    return (
      <EmptyState title="Nothing in the trail fits" actions={<Button onClick={onClear}>Clear the filters</Button>}>
        <p>Uses of credentials are written about once a minute; changes at once. What is older than the server keeps is gone.</p>
      </EmptyState>
    )
  return (
    <>
      <ErrorNotice error={audit.error} />
      <AuditTable
        rows={rows}
        hasMore={audit.hasNextPage}
        isLoadingMore={audit.isFetchingNextPage}
        onWantMore={() => void audit.fetchNextPage()}
      />
    </>
  )
}

function Commands({ filters }: { filters: AuditFilters }) {
  return (
    <Panel title="On the server’s machine" about="These work on the database itself, so they also look over the server.">
      <div className="flex flex-col gap-4 text-sm">
        <div className="flex flex-col gap-1.5">
          <p>Export rows as JSON, one a line:</p>
          <CopyLine value={exportCommand(filters)} />
        </div>
        <div className="flex flex-col gap-1.5">
          <p>Verify the trail; it names every row that was altered, removed, put in or moved:</p>
          <CopyLine value="npm run -s hawser -- audit verify" />
        </div>
      </div>
    </Panel>
  )
}
