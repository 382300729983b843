import type { Provider } from '#providers/schema.ts'
import { generic } from './generic.ts'
import type { Quirk } from './quirk.ts'
import { salesforce } from './salesforce.ts'

const quirks: Record<NonNullable<Provider['family']>, Quirk> = { salesforce }

/** By the entry's `family`. */
export function quirkOf(provider: Provider): Quirk {
  return provider.family === undefined ? generic : quirks[provider.family]
}
