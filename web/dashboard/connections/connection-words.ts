/** How lists call a connection. */
import type { ListedConnection } from './connections-query.ts'

type Named = Pick<ListedConnection, 'connection_id' | 'end_user'> & { org: { name: string | null } | null }

/** The person or company that people know it by; the id where nobody said. */
export function nameOf({ connection_id: id, end_user: user, org }: Named): string {
  return user?.organization?.display_name ?? user?.display_name ?? user?.email ?? org?.name ?? user?.id ?? id
}

/** What tells it apart from others of the same name. */
export function detailOf(connection: Named): string {
  const { end_user: user, org } = connection
  const name = nameOf(connection)
  return [user?.display_name, user?.email, user?.id, org?.name]
    .filter((text) => text && text !== name)
    .slice(0, 2)
    .join(' · ')
}

export const orgKindWords: Record<string, string> = {
  production: 'Production',
  sandbox: 'Sandbox',
  developer: 'Developer Edition',
  scratch: 'Scratch org',
  trailhead: 'Trailhead playground',
  trial: 'Trial',
  demo: 'Demo org',
  patch: 'Patch org',
  unknown: 'Kind not known',
}
