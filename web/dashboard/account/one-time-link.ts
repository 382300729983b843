/** The link that brought somebody here: its secret stands behind the `#`. */
import { queryOptions, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { call } from '../api/call.ts'

let held = ''

/** Taken out of the address at once: histories and screenshots are not to hold it. It lives in this page until that is closed. */
function takeToken(): string {
  const given = location.hash.slice(1)
  if (given === '') return held
  held = given
  history.replaceState(history.state, '', location.pathname + location.search)
  return held
}

const linkQuery = (token: string) =>
  queryOptions({
    // The token itself would stay in the cache after it was used.
    queryKey: ['one-time-link'],
    queryFn: ({ signal }) => call('readLink', { body: { token } }, signal),
    select: ({ data }) => data,
    enabled: token !== '',
    refetchOnWindowFocus: false,
    gcTime: 0,
  })

export type OneTimeLink = NonNullable<ReturnType<typeof useOneTimeLink>['link']['data']>

export function useOneTimeLink() {
  const [token] = useState(takeToken)
  return { token, link: useQuery(linkQuery(token)) }
}
