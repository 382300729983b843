import { useInfiniteQuery } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { useMemo } from 'react'
import { Button } from '../../ui/button.tsx'
import { Skeleton } from '../../ui/skeleton.tsx'
import { Title } from '../../ui/title.tsx'
import { ErrorNotice } from '../api/error-notice.tsx'
import { compact } from '../logs/log-filters.ts'
import { groupedIssues } from './grouped-issues.ts'
import { IssueFilterBar } from './issue-filter-bar.tsx'
import { IssueGroupPanel } from './issue-group.tsx'
import { issueFiltersOf, issuesQuery, type IssueFilters } from './issues-query.ts'
import { NoIssues } from './no-issues.tsx'
import { ReconnectLinksButton } from './reconnect-links-button.tsx'

const number = new Intl.NumberFormat()

export function IssuesPage() {
  const filters = issueFiltersOf(useSearch({ strict: false }) as Record<string, unknown>)
  const navigate = useNavigate()
  const list = useInfiniteQuery(issuesQuery(filters))
  const issues = useMemo(() => list.data?.pages.flatMap((page) => page.issues) ?? [], [list.data])
  const by = filters.group ?? 'kind'
  const groups = useMemo(() => groupedIssues(issues, by), [issues, by])
  const isOpen = filters.state === undefined
  const go = (next: IssueFilters) => void navigate({ to: '/issues', search: next as never, replace: true })
  const clear = () => go(compact({ state: filters.state, group: filters.group }))
  const canReconnect = issues.some(({ reconnect }) => reconnect !== undefined)
  return (
    <>
      <Title
        name="Issues"
        about="What stops connections from working, why, and who can end it."
        actions={isOpen && canReconnect && <ReconnectLinksButton filters={filters} />}
      />
      <IssueFilterBar filters={filters} onChange={(changed) => go(compact({ ...filters, ...changed }))} onClear={clear} />
      <ErrorNotice error={list.error} className="pb-4" />
      <p role="status" className="sr-only">
        {list.data && `${number.format(issues.length)}${list.hasNextPage ? ' or more' : ''} ${issues.length === 1 ? 'issue' : 'issues'}`}
      </p>
      <div className={`flex flex-col gap-5 ${list.isPlaceholderData ? 'opacity-60' : ''}`}>
        {list.isPending && [1, 2].map((key) => <Skeleton key={key} className="h-72" />)}
        {list.data && issues.length === 0 && <NoIssues filters={filters} onClear={clear} />}
        {groups.map((group) => (
          <IssueGroupPanel key={`${by}/${group.key}`} group={group} by={by} />
        ))}
        {list.hasNextPage && (
          <p className="flex flex-wrap items-center gap-3 text-sm text-soft">
            The latest {number.format(issues.length)} are shown.
            <Button busy={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>
              Show more
            </Button>
          </p>
        )}
      </div>
    </>
  )
}
