import { authorizeProvocations, pageProvocations } from './authorize-provocations.ts'
import type { Provocation } from './provocation.ts'
import { identityProvocations, restProvocations } from './rest-provocations.ts'
import { tokenProvocations } from './token-provocations.ts'

export type { Observed, Provocation } from './provocation.ts'

/**
 * A way to provoke each error that the fake knows, for tests of whoever reads them. Each wants a fake of its own:
 *
 * @example
 * const fake = await startFakeSalesforce({ seed: 'scenario' })
 * const { status, body } = await provocationById('refresh-inactive-user').how(fake)
 */
export const provocations: readonly Provocation[] = [
  ...authorizeProvocations,
  ...pageProvocations,
  ...tokenProvocations,
  ...restProvocations,
  ...identityProvocations,
]

export function provocationById(id: string): Provocation {
  const found = provocations.find((one) => one.id === id)
  if (found === undefined) throw new Error(`no provocation "${id}"`)
  return found
}
