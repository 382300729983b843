import type { FieldAbout } from './provider-entry.ts'
import type { ProviderEntry } from './provider-entry.ts'

/**
 * Page that explains what to fill in: the session's own, or the provider's. `about`: a field that has a section of its own there. undefined: none.
 * `override` is the session's `overrides` of the integration.
 */
export function helpLinkOf(provider: ProviderEntry, override: unknown, about?: FieldAbout): string | undefined {
  const own = (override as { docs_connect?: unknown } | undefined)?.docs_connect
  const page = typeof own === 'string' ? own : provider.docs_connect
  if (page === undefined || !URL.canParse(page) || !/^https?:$/.test(new URL(page).protocol)) return undefined
  return about?.doc_section === undefined || typeof own === 'string' ? page : page + about.doc_section
}
