import type { AuthMode } from './auth-mode.ts'
import { none } from './none.ts'
import { oauth2 } from './oauth2.ts'

const modes = new Map([oauth2, none].map((mode) => [mode.name, mode]))

/** By the name in `auth_mode`; undefined for modes that catalogue entries may name and this server does not speak yet. */
export function authModeNamed(name: string): AuthMode | undefined {
  return modes.get(name)
}

export const authModeNames: readonly string[] = [...modes.keys()]
