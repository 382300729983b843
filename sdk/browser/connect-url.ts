import type { ConnectOptions } from './types.ts'

export interface ConnectQuery extends ConnectOptions {
  wsClientId?: string | undefined
  mode?: 'redirect'
}

/** Address that leads to the provider's sign-in page. */
export function connectUrl(host: string, integration: string, token: string, options: ConnectQuery): string {
  const query = new URLSearchParams({ connect_session_token: token })
  const { wsClientId, mode, params, user_scope: scopes, credentials, authorization_params: more } = options
  if (wsClientId !== undefined) query.set('ws_client_id', wsClientId)
  if (mode !== undefined) query.set('mode', mode)
  const groups = { params, credentials, authorization_params: more }
  for (const [group, values] of Object.entries(groups))
    for (const [name, value] of Object.entries(values ?? {})) if (typeof value === 'string') query.set(`${group}[${name}]`, value)
  if (scopes && scopes.length > 0) query.set('user_scope', scopes.join(','))
  return `${host}/oauth/connect/${encodeURIComponent(integration)}?${query}`
}
