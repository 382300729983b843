/** What keys may be allowed to do (`api/scopes.ts`), in words, grouped as people choose. */
import type { Scope } from '@hawser/api/scopes.ts'
import { scopes } from '@hawser/api/scopes.ts'

type Part<S extends string> = S extends `environment:${infer P}` ? P : never

const WORDS: Record<Part<Scope>, string> = {
  'connections:list': 'List connections',
  'connections:list_credentials': 'List connections with their credentials',
  'connections:read': 'Read a connection',
  'connections:read_credentials': 'Read a connection’s access token',
  'connections:read_refresh_token': 'Read a connection’s refresh token',
  'connections:create': 'Import connections',
  'connections:update': 'Change and freeze connections',
  'connections:delete': 'Delete connections, revoke grants',
  'integrations:list': 'List integrations',
  'integrations:read': 'Read an integration',
  'integrations:read_credentials': 'Read an integration’s client id and secrets',
  'integrations:create': 'Create integrations',
  'integrations:update': 'Change and freeze integrations',
  'integrations:delete': 'Delete integrations',
  'connect_sessions:write': 'Open connect sessions',
  proxy: 'Call providers through the proxy',
  'settings:read': 'Read settings',
  'settings:update': 'Change settings, freeze the environment',
  'api_keys:list': 'List API keys',
  'api_keys:write': 'Make and revoke API keys',
  'connection_tokens:list': 'List connection tokens',
  'connection_tokens:write': 'Make and end connection tokens',
  'signing_keys:list': 'List signing keys',
  'signing_keys:write': 'Register and remove signing keys',
  'audit:read': 'Read the audit trail',
  'activity:read': 'Read logs and figures',
  'webhooks:read': 'Read webhook deliveries',
  'webhooks:write': 'Repeat and test webhooks',
}

export function scopeText(scope: string): string {
  const part = scope.replace(/^environment:/, '')
  if (part === '*') return 'Everything'
  if (part.endsWith(':*')) return `Everything with ${part.slice(0, -2).replaceAll('_', ' ')}`
  return WORDS[part as Part<Scope>] ?? scope
}

const GROUPS: readonly (readonly [name: string, starts: readonly string[]])[] = [
  ['Calls and sign-ins', ['proxy', 'connect_sessions']],
  ['Connections', ['connections']],
  ['Integrations', ['integrations']],
  ['Keys and tokens', ['api_keys', 'connection_tokens', 'signing_keys']],
  ['Settings and webhooks', ['settings', 'webhooks']],
  ['Records', ['audit', 'activity']],
]

/** Every scope stands in one group. */
export const scopeGroups: readonly { name: string; scopes: readonly Scope[] }[] = GROUPS.map(([name, starts]) => ({
  name,
  scopes: scopes.filter((scope) => starts.includes(scope.split(':')[1] ?? '')),
}))

export interface Preset {
  value: string
  name: string
  about: string
  scopes: readonly Scope[]
}

export const presets: readonly Preset[] = [
  {
    value: 'product',
    name: 'Your product’s server',
    about: 'Lets customers connect, lists connections, calls providers. Sees no token.',
    scopes: [
      'environment:connect_sessions:write',
      'environment:connections:list',
      'environment:connections:read',
      'environment:connections:delete',
      'environment:integrations:list',
      'environment:integrations:read',
      'environment:proxy',
    ],
  },
  { value: 'calls', name: 'Calls only', about: 'For a worker or a script that knows its connections.', scopes: ['environment:proxy'] },
  {
    value: 'look',
    name: 'Read only',
    about: 'For dashboards and checks. Calls nothing and changes nothing.',
    scopes: scopes.filter((scope) => /:(list|read)$/.test(scope)),
  },
  { value: 'all', name: 'Everything', about: 'Also reads tokens and makes further keys. For administration.', scopes },
]
