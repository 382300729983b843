import type { OwnUse } from '#audit/use-counters.ts'
import type { StoredConnection } from './connection.ts'

/** For the audit: whose credentials the server uses by itself. */
export function ownUseOf({ environmentId, id, endUser }: StoredConnection): Omit<OwnUse, 'job' | 'method'> {
  return { environmentId, connectionId: id, endUserId: endUser?.id }
}
