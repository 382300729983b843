/** Lists of what programs are let in by, of the chosen environment. */
import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query'
import { call, type Reply } from '../api/call.ts'

export type ApiKey = Reply<'listApiKeys'>['data'][number]
export type SigningKey = Reply<'listSigningKeys'>['data'][number]
export type ConnectionToken = Reply<'listConnectionTokens'>['data'][number]
export type ShownLimits = ApiKey['limits']

export const apiKeysQuery = queryOptions({
  queryKey: ['api-keys'],
  queryFn: ({ signal }) => call('listApiKeys', {}, signal),
  select: ({ data }) => data,
})

export const signingKeysQuery = queryOptions({
  queryKey: ['signing-keys'],
  queryFn: ({ signal }) => call('listSigningKeys', {}, signal),
  select: ({ data }) => data,
})

const PAGE_ROWS = 50

/** Of those that one key has made, or of all. */
export const connectionTokensQuery = (madeBy?: string) =>
  infiniteQueryOptions({
    queryKey: ['connection-tokens', madeBy],
    queryFn: ({ pageParam, signal }) =>
      call(
        'listConnectionTokens',
        { query: { limit: PAGE_ROWS, ...(madeBy ? { made_by: madeBy } : {}), ...(pageParam ? { before: pageParam } : {}) } },
        signal,
      ),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next ?? undefined,
  })
