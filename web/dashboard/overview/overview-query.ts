import { queryOptions } from '@tanstack/react-query'
import { call, type Reply } from '../api/call.ts'

export type Overview = Reply<'getOverview'>['data']
export type Counts = Overview['totals']

export const ranges = [
  { hours: '1', label: 'Last hour' },
  { hours: '24', label: 'Last 24 hours' },
  { hours: '168', label: 'Last 7 days' },
  { hours: '720', label: 'Last 30 days' },
] as const
export type Hours = (typeof ranges)[number]['hours']

export function hoursOf(search: Record<string, unknown>): Hours {
  return ranges.find(({ hours }) => hours === String(search['hours']))?.hours ?? '24'
}

const AGAIN_MS = 30_000

export const overviewQuery = (hours: Hours) =>
  queryOptions({
    queryKey: ['overview', hours],
    queryFn: ({ signal }) => call('getOverview', { query: { hours } }, signal),
    select: ({ data }) => data,
    refetchInterval: AGAIN_MS,
    placeholderData: (before) => before,
  })

export const openIssuesQuery = queryOptions({
  queryKey: ['issues', 'open', 'first'],
  queryFn: ({ signal }) => call('listIssues', { query: { state: 'open', limit: 5 } }, signal),
  select: ({ issues }) => issues,
  refetchInterval: AGAIN_MS,
})

export const vaultQuery = queryOptions({
  queryKey: ['vault'],
  queryFn: ({ signal }) => call('getVault', {}, signal),
  select: ({ data }) => data,
  refetchInterval: AGAIN_MS,
})
