import { refreshTokens } from '#oauth/token-request.ts'
import { resolveText } from '#providers/templates.ts'
import type { ApplyInput, AuthMode } from './auth-mode.ts'

/** Authorization code with PKCE; renewed by refresh token. */
export const oauth2: AuthMode = {
  name: 'OAUTH2',
  canRefresh: (credentials) => refreshTokenOf(credentials) !== undefined,
  refresh: (input) => {
    const token = refreshTokenOf(input.credentials)
    if (token === undefined) throw new Error('refresh was asked for without a refresh token')
    return refreshTokens(input, token)
  },
  apply: (input) => ({ authorization: `Bearer ${accessTokenOf(input.credentials)}`, ...headersOfEntry(input) }),
}

function refreshTokenOf({ refresh_token: token }: Record<string, unknown>): string | undefined {
  return typeof token === 'string' && token !== '' ? token : undefined
}

function accessTokenOf({ access_token: token }: Record<string, unknown>): string {
  if (typeof token !== 'string' || token === '') throw new Error('credentials without an access token')
  return token
}

/** `proxy.headers` of the entry; one whose placeholders have no value is left out. */
function headersOfEntry({ provider, credentials, connectionConfig }: ApplyInput): Record<string, string> {
  const headers: Record<string, string> = {}
  for (const [name, template] of Object.entries(provider.proxy?.headers ?? {})) {
    const value = resolveText(template, { connectionConfig, accessToken: credentials['access_token'], credentials })
    if (value !== undefined) headers[name.toLowerCase()] = value
  }
  return headers
}
