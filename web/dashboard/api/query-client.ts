import { QueryCache, QueryClient } from '@tanstack/react-query'
import { ApiError } from './api-error.ts'

const FRESH_MS = 10_000

/** Answers that asking again cannot better are not asked again. */
function worthAsking(failures: number, error: Error): boolean {
  return failures < 2 && (!(error instanceof ApiError) || error.status === 0 || error.status === 429 || error.status >= 500)
}

export const queryClient = new QueryClient({
  defaultOptions: { queries: { staleTime: FRESH_MS, retry: worthAsking, refetchOnWindowFocus: true } },
  queryCache: new QueryCache({
    // The session ended elsewhere: the shell asks who is there, and shows the sign-in.
    onError: (error, { queryKey }) => {
      if (error instanceof ApiError && error.code === 'not_signed_in' && queryKey[0] !== 'me')
        void queryClient.invalidateQueries({ queryKey: ['me'] })
    },
  }),
})
