/** What people may do, by role. A person has a role for each environment, or one for all of them. */
import { scopes, type Scope } from './scopes.ts'

export const roles = ['owner', 'developer', 'support', 'viewer'] as const
export type Role = (typeof roles)[number]

/** What no API key can hold. */
export const peopleScopes = ['people:read', 'people:write', 'environments:create'] as const
export type PeopleScope = (typeof peopleScopes)[number]

/** Shows secrets. Held only for calls that ask for it (header `Hawser-Reveal: true`) by somebody who has proved lately who they are. */
export const revealScopes: readonly Scope[] = [
  'environment:connections:list_credentials',
  'environment:connections:read_credentials',
  'environment:connections:read_refresh_token',
  'environment:integrations:read_credentials',
]

const LOOK: readonly Scope[] = [
  'environment:connections:list',
  'environment:connections:read',
  'environment:integrations:list',
  'environment:integrations:read',
  'environment:settings:read',
  'environment:activity:read',
  'environment:webhooks:read',
]

/** An owner is one for every environment, and looks after people and environments besides. */
export const scopesOfRole: Record<Role, readonly (Scope | PeopleScope)[]> = {
  owner: [...scopes, ...peopleScopes],
  developer: scopes.filter((scope) => !revealScopes.includes(scope)),
  support: [
    ...LOOK,
    'environment:connect_sessions:write',
    'environment:audit:read',
    'environment:activity:read',
    'environment:webhooks:read',
  ],
  viewer: LOOK,
}

/** With those that show secrets. An owner's keys may hold what a later release adds. */
export function allScopesOf(role: Role): string[] {
  return role === 'owner' ? ['environment:*', ...scopesOfRole.owner] : [...scopesOfRole[role]]
}

/** For calls that did not ask for secrets. */
export function usualScopesOf(role: Role): string[] {
  return scopesOfRole[role].filter((scope) => !(revealScopes as readonly string[]).includes(scope))
}
