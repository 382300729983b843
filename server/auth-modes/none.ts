import { resolveText } from '#providers/templates.ts'
import type { AuthMode } from './auth-mode.ts'

/** Public APIs: nothing to renew, nothing to prove. */
export const none: AuthMode = {
  name: 'NONE',
  canRefresh: () => false,
  refresh: () => Promise.reject(new Error('NONE has nothing to refresh')),
  apply: ({ provider, connectionConfig }) => {
    const headers = Object.entries(provider.proxy?.headers ?? {}).map(
      ([name, text]) => [name.toLowerCase(), resolveText(text, { connectionConfig })] as const,
    )
    return Object.fromEntries(headers.filter((pair): pair is readonly [string, string] => pair[1] !== undefined))
  },
}
