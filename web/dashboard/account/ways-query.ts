import { queryOptions } from '@tanstack/react-query'
import { call } from '../api/call.ts'

/** How one can sign in here. */
export const waysQuery = queryOptions({
  queryKey: ['sign-in-ways'],
  queryFn: ({ signal }) => call('getSignInWays', {}, signal),
  select: ({ data }) => data,
  staleTime: 60_000,
})
