import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query'
import { call, type Input } from '../api/call.ts'
import { compact, textOf } from '../logs/log-filters.ts'

export const issueStates = ['open', 'closed', 'all'] as const
export type IssueState = (typeof issueStates)[number]
export const groupings = ['kind', 'integration'] as const
export type Grouping = (typeof groupings)[number]

/** Of the address; what is absent is `open`, `kind`, and no filter. */
export interface IssueFilters {
  state?: IssueState
  group?: Grouping
  kind?: string
  integration?: string
  connection?: string
}

export const PAGE_ROWS = 200
const AGAIN_MS = 30_000

/** Whatever stands in the address, only what can be asked for comes out. */
export function issueFiltersOf(search: Record<string, unknown>): IssueFilters {
  return compact({
    state: issueStates.find((state) => state === search['state'] && state !== 'open'),
    group: groupings.find((group) => group === search['group'] && group !== 'kind'),
    kind: textOf(search['kind'], 64),
    integration: textOf(search['integration']),
    connection: textOf(search['connection']),
  })
}

type Query = NonNullable<Input<'listIssues'>['query']>

export function issueQueryOf({ state = 'open', kind, integration, connection }: IssueFilters): Query {
  return compact({ state, kind, integration, connectionId: connection }) as Query
}

export const issuesQuery = ({ group: _group, ...filters }: IssueFilters) =>
  infiniteQueryOptions({
    queryKey: ['issues', 'list', filters],
    queryFn: ({ pageParam, signal }) =>
      call(
        'listIssues',
        { query: { ...issueQueryOf(filters), limit: PAGE_ROWS, ...(pageParam === undefined ? {} : { before: pageParam }) } },
        signal,
      ),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next ?? undefined,
    placeholderData: (before) => before,
    // Further pages are asked for by hand, and then nothing moves by itself.
    refetchInterval: (query) => ((query.state.data?.pages.length ?? 1) > 1 ? false : AGAIN_MS),
  })

export const openIssuesOfQuery = (integration: string, connection: string) =>
  queryOptions({
    queryKey: ['issues', 'of', integration, connection],
    queryFn: ({ signal }) => call('listIssues', { query: { state: 'open', integration, connectionId: connection, limit: 5 } }, signal),
    select: ({ issues }) => issues,
  })
