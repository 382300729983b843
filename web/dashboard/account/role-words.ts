/** Roles in words (`api/roles.ts`). */
import type { Role } from '@hawser/api/roles.ts'

export const ROLE_NAMES: Record<Role, string> = { owner: 'Owner', developer: 'Developer', support: 'Support', viewer: 'Viewer' }

/** `developer in prod`, `owner of everything` */
export function roleText({ environment, role }: { environment: string | null; role: Role }): string {
  if (role === 'owner') return 'owner of everything'
  return `${role} in ${environment ?? 'every environment'}`
}
