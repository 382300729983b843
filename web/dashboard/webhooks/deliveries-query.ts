import { infiniteQueryOptions, queryOptions, useMutation, useQueryClient } from '@tanstack/react-query'
import { call } from '../api/call.ts'
import { compact, textOf, timeFilterOf, timeQueryOf, type TimeFilter } from '../logs/log-filters.ts'
import { deliveryStates, type DeliveryState } from './delivery-words.ts'

/** Of the address; what is absent filters nothing. */
export interface DeliveryFilters extends TimeFilter {
  state?: DeliveryState
  type?: string
  connection?: string
}

const PAGE_ROWS = 50
const AGAIN_MS = 10_000
/** While an attempt may be under way. */
const SOON_MS = 3_000

/** Whatever stands in the address, only what can be asked for comes out. */
export function deliveryFiltersOf(search: Record<string, unknown>): DeliveryFilters {
  return compact({
    state: deliveryStates.find((state) => state === search['state']),
    type: textOf(search['type'], 100),
    connection: textOf(search['connection']),
    ...timeFilterOf(search),
  })
}

export const deliveriesQuery = ({ range, from, to, ...filters }: DeliveryFilters) =>
  infiniteQueryOptions({
    queryKey: ['deliveries', { range, from, to, ...filters }],
    queryFn: ({ pageParam, signal }) => {
      const time = timeQueryOf(compact({ range, from, to }), Date.now())
      const query = { ...filters, ...time, limit: PAGE_ROWS, ...(pageParam === undefined ? {} : { cursor: pageParam }) }
      return call('listDeliveries', { query }, signal)
    },
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next ?? undefined,
    placeholderData: (before) => before,
    // Further pages are asked for by hand, and then nothing moves by itself.
    refetchInterval: (query) => ((query.state.data?.pages.length ?? 1) > 1 ? false : AGAIN_MS),
  })

export const deliveryQuery = (id: string) =>
  queryOptions({
    queryKey: ['delivery', id],
    queryFn: ({ signal }) => call('getDelivery', { params: { deliveryId: id } }, signal),
    select: ({ data }) => data,
    refetchInterval: (query) => (query.state.data?.data.state === 'waiting' ? SOON_MS : false),
  })

/** Sends one again, then shows what became of it. */
export function useReplay(id: string) {
  const queries = useQueryClient()
  return useMutation({
    mutationFn: () => call('replayDelivery', { params: { deliveryId: id } }),
    onSettled: () =>
      Promise.all([queries.invalidateQueries({ queryKey: ['delivery', id] }), queries.invalidateQueries({ queryKey: ['deliveries'] })]),
  })
}

export const REPLAY_REFUSAL = 'Your role may look at webhooks, not send them.'
