/** What an API key may be allowed to do. A key may hold `environment:*` or `environment:connections:*` in place of a list. */
export const scopes = [
  'environment:connections:list',
  'environment:connections:list_credentials',
  'environment:connections:read',
  'environment:connections:read_credentials',
  'environment:connections:read_refresh_token',
  'environment:connections:create',
  'environment:connections:update',
  'environment:connections:delete',
  'environment:integrations:list',
  'environment:integrations:read',
  'environment:integrations:read_credentials',
  'environment:integrations:create',
  'environment:integrations:update',
  'environment:integrations:delete',
  'environment:connect_sessions:write',
  'environment:proxy',
  'environment:settings:read',
  'environment:settings:update',
  'environment:api_keys:list',
  'environment:api_keys:write',
  'environment:connection_tokens:list',
  'environment:connection_tokens:write',
  'environment:signing_keys:list',
  'environment:signing_keys:write',
  'environment:audit:read',
  'environment:activity:read',
  'environment:webhooks:read',
  'environment:webhooks:write',
] as const

export type Scope = (typeof scopes)[number]

/** Whether one of the granted scopes covers the wanted one: exactly, or by a wildcard suffix such as `environment:connections:*`. */
export function scopeCovers(granted: readonly string[], wanted: Scope): boolean {
  return granted.some((scope) => scope === wanted || (scope.endsWith(':*') && wanted.startsWith(scope.slice(0, -1))))
}
