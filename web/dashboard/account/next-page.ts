/** Where a sign-in leads to. */
import { queryClient } from '../api/query-client.ts'

/** A path of the dashboard alone: `next` comes from the address, which anybody may have written. */
export function nextPath(next: unknown): string {
  return typeof next === 'string' && /^\/(?![/\\])[^\s\\]*$/.test(next) && !next.startsWith('/sign-in') ? next : '/overview'
}

/** Forgets what was known of whoever was here before. */
export function forgetEverybody(): void {
  queryClient.clear()
}
