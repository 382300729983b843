/** A person's roles as they are chosen on the page: owner, one role everywhere, or one for each environment. */
import type { Role } from '@hawser/api/roles.ts'
import type { Person } from './members-page.tsx'

export type PartRole = Exclude<Role, 'owner'>
export const PART_ROLES: readonly PartRole[] = ['developer', 'support', 'viewer']

export interface RolesDraft {
  isOwner: boolean
  /** In environments that have none of their own; those to come among them. '' is none. */
  everywhere: PartRole | ''
  /** By environment; those that are missing have `everywhere`. */
  own: Readonly<Record<string, PartRole>>
}

export function draftOf(roles: Person['roles']): RolesDraft {
  const part = roles.flatMap(({ environment, role }) => (role === 'owner' ? [] : [{ environment, role }]))
  return {
    isOwner: roles.some(({ role }) => role === 'owner'),
    everywhere: part.find(({ environment }) => environment === null)?.role ?? '',
    own: Object.fromEntries(part.flatMap(({ environment, role }) => (environment === null ? [] : [[environment, role] as const]))),
  }
}

/** Empty: nobody would be let in. */
export function rolesOf({ isOwner, everywhere, own }: RolesDraft): Person['roles'] {
  if (isOwner) return [{ environment: null, role: 'owner' }]
  return [
    ...(everywhere === '' ? [] : [{ environment: null, role: everywhere }]),
    ...Object.entries(own).map(([environment, role]) => ({ environment, role })),
  ]
}
