import { fail } from '@hawser/api/errors.ts'
import type { Role } from '@hawser/api/roles.ts'
import type { GivenRole } from './people-deps.ts'
import { environmentsByName, type Db } from './person-store.ts'

/** Roles as the API names them, by their environments' ids. Throws `invalid_body` for an environment that does not exist. */
export async function givenRoles(db: Db, roles: readonly { environment: string | null; role: Role }[]): Promise<GivenRole[]> {
  const known = await environmentsByName(db)
  return roles.map(({ environment, role }, at) => {
    if (environment === null) return { environmentId: null, role }
    const environmentId = known.get(environment)
    if (environmentId === undefined)
      throw fail('invalid_body', {
        errors: [{ code: 'invalid_value', message: 'No environment has that name', path: ['roles', at, 'environment'] }],
      })
    return { environmentId, role }
  })
}
