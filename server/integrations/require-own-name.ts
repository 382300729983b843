import { fail } from '@hawser/api/errors.ts'
import { seesIntegration, type Principal } from '#http/principal.ts'

/** A key that is limited to some integrations makes none, by creating or renaming, that it would not see. Throws `forbidden`. */
export function requireOwnName(principal: Principal, uniqueKey: string): void {
  if (!seesIntegration(principal, uniqueKey))
    throw fail('forbidden', { message: 'This key is limited to some integrations; `unique_key` must be one of them.' })
}
