import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query'
import { call, type Reply } from '../api/call.ts'
import { activityQueryOf, timeQueryOf, type LogFilters } from './log-filters.ts'
import type { Operation } from './operation-words.ts'

export const PAGE_ROWS = 100
export type LogPage = Reply<'listActivity'>

/** Asked for once: what comes later is put in front of the first page by the live tail. */
export const logQuery = (filters: LogFilters) =>
  infiniteQueryOptions({
    queryKey: ['activity', filters],
    queryFn: ({ pageParam, signal }) =>
      call(
        'listActivity',
        {
          query: {
            ...activityQueryOf(filters),
            ...timeQueryOf(filters, Date.now()),
            limit: PAGE_ROWS,
            ...(pageParam === undefined ? {} : { cursor: pageParam }),
          },
        },
        signal,
      ),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next ?? undefined,
    placeholderData: (before) => before,
    staleTime: Infinity,
    refetchOnWindowFocus: false,
    refetchOnReconnect: false,
  })

export const operationQuery = (id: string) =>
  queryOptions({
    queryKey: ['operation', id],
    queryFn: ({ signal }) => call('getActivity', { params: { operationId: id } }, signal),
    select: ({ data }) => data,
    staleTime: Infinity,
  })

/** `earliestFirst` in front of `rows`, which are latest first; each id once. */
export function withNewer(rows: readonly Operation[], earliestFirst: readonly Operation[]): Operation[] {
  const known = new Set(rows.map(({ id }) => id))
  const added: Operation[] = []
  for (const row of earliestFirst) {
    if (known.has(row.id)) continue
    known.add(row.id)
    added.push(row)
  }
  return added.length === 0 ? (rows as Operation[]) : [...added.reverse(), ...rows]
}
