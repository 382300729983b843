/** What the limits of a key leave of its scopes, and which integrations and connections it sees. What it does not see answers 404. */
import type { Limits } from '@hawser/api/limits.ts'
import type { Scope } from '@hawser/api/scopes.ts'

/** Of one connection, as much as limits ask for. */
export interface NamedConnection {
  integrationKey: string
  connectionId: string
  tags: Record<string, string>
}

/** Reaches every connection of an integration, or all that the environment does: not for a key that is to reach less. */
const OF_INTEGRATIONS: ReadonlySet<Scope> = new Set([
  'environment:integrations:read_credentials',
  'environment:integrations:create',
  'environment:integrations:update',
  'environment:integrations:delete',
])
/** With a connection's token in hand its holder calls whatever he likes. */
const OF_CREDENTIALS: ReadonlySet<Scope> = new Set([
  'environment:connections:read_credentials',
  'environment:connections:list_credentials',
  'environment:connections:read_refresh_token',
])

/** Tells of the whole environment, or changes it. */
const OF_ENVIRONMENT: ReadonlySet<Scope> = new Set([
  'environment:settings:update',
  'environment:audit:read',
  'environment:activity:read',
  'environment:webhooks:read',
  'environment:webhooks:write',
])

/** Whether a key with these limits lacks the scope, though it was given to it. */
export function takenAway(limits: Limits, scope: Scope): boolean {
  if (OF_ENVIRONMENT.has(scope)) return true
  const limitsCalls = limits.methods !== undefined || limits.paths !== undefined
  if (limitsCalls && OF_CREDENTIALS.has(scope)) return true
  return (limitsCalls || limits.connections !== undefined) && OF_INTEGRATIONS.has(scope)
}

export function integrationWithin(limits: Limits, integrationKey: string): boolean {
  return limits.integrations === undefined || limits.integrations.includes(integrationKey)
}

/** Tags are compared as they are stored, with their names in lower case. */
export function connectionWithin(limits: Limits, { integrationKey, connectionId, tags }: NamedConnection): boolean {
  if (!integrationWithin(limits, integrationKey)) return false
  const { ids, tags: wanted = {} } = limits.connections ?? {}
  if (ids !== undefined && !ids.includes(connectionId)) return false
  return Object.entries(wanted).every(([name, value]) => Object.hasOwn(tags, name) && tags[name] === value)
}
