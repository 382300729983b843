import type { Role } from '@hawser/api/roles.ts'
import type { Kit } from '../kit.ts'
import type { Attempts } from './attempts.ts'
import type { MemberCallers } from './callers.ts'
import type { PersonTrail } from './person-trail.ts'
import type { SignInLibrary } from './sign-in-library.ts'

export interface PeopleDeps {
  kit: Kit
  callers: MemberCallers
  attempts: Attempts
  trail: PersonTrail
  /** Half a second the first time. */
  library(): Promise<SignInLibrary>
  /** Of the slice of accounts. Throws `conflict`. */
  makeEnvironment(name: string): Promise<void>
}

/** `environmentId` null: all environments. */
export interface GivenRole {
  environmentId: string | null
  role: Role
}
