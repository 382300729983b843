/** Ways to connect without a window: the credentials are sent as they are. Their shape says where, as in the stock client. */
import { callServer, type Place } from './call-server.ts'
import { HawserError } from './hawser-error.ts'
import type { AuthOptions, Connected } from './types.ts'

type Given = Record<string, unknown>

/** Whether the person signs in at the provider, in a window. */
export function needsPopup({ credentials = {}, installation }: AuthOptions): boolean {
  if (installation === 'outbound') return false
  const hasOwnClient = 'oauth_client_id_override' in credentials && 'oauth_client_secret_override' in credentials
  return Object.keys(credentials).length === 0 || (hasOwnClient && !('token_id' in credentials) && !('token_secret' in credentials))
}

interface Target {
  path: string
  body?: unknown
}

/** Throws `missing_credentials`. The order counts: the first that fits is taken. */
function targetOf({ credentials, installation, assertionOption }: AuthOptions): Target {
  const given: Given = credentials ?? {}
  const has = (...names: string[]) => names.every((name) => given[name] !== undefined)
  const { type } = given
  if (type === 'TWO_STEP') {
    const more = Object.keys(assertionOption ?? {}).length > 0 ? { assertionOption } : {}
    return { path: '/auth/two-step', body: { ...given, ...more } }
  }
  if (type === 'SIGNATURE' && has('username', 'password')) return { path: '/auth/signature', body: given }
  if (type === 'AWS_SIGV4' && has('role_arn'))
    return { path: '/auth/aws-sigv4', body: { role_arn: given['role_arn'], region: given['region'] } }
  if (has('username', 'password', 'organization_id', 'dev_key')) return { path: '/auth/bill', body: given }
  if (has('apiKey')) return { path: '/api-auth/api-key', body: given }
  if (has('username') || has('password')) return { path: '/api-auth/basic', body: given }
  if (has('privateKey') || type === 'JWT') return { path: '/auth/jwt', body: given }
  if (has('token_id', 'token_secret')) return { path: '/auth/tba', body: given }
  if (has('client_id') && (has('client_secret') || has('client_private_key'))) return { path: '/oauth2/auth', body: given }
  if (installation === 'outbound') return { path: '/auth/oauth-outbound' }
  throw new HawserError('missing_credentials', 'These credentials fit no way to sign in. See AuthOptions.')
}

export function sendCredentials(place: Place, integration: string, token: string, options: AuthOptions): Promise<Connected> {
  return post(place, targetOf(options), integration, token, options)
}

/** For providers that ask nobody to sign in. */
export function createWithout(place: Place, integration: string, token: string, options: AuthOptions): Promise<Connected> {
  return post(place, { path: '/auth/unauthenticated' }, integration, token, options)
}

async function post(
  place: Place,
  { path, body }: Target,
  integration: string,
  token: string,
  { params = {}, signal }: AuthOptions,
): Promise<Connected> {
  const query = new URLSearchParams({ connect_session_token: token })
  for (const [name, value] of Object.entries(params)) query.set(`params[${name}]`, value)
  try {
    const call = { method: 'POST', body, signal } as const
    const answer = (await callServer(place, `${path}/${encodeURIComponent(integration)}?${query}`, call)) as Partial<Connected>
    if (typeof answer.connectionId !== 'string') throw new HawserError('unexpected_answer', 'The answer names no connection.')
    return { providerConfigKey: integration, connectionId: answer.connectionId, isPending: answer.isPending === true }
  } catch (error) {
    if (signal?.aborted) throw signal.reason
    throw error
  }
}
