/** The list of integrations: what stands in it, in which groups, and what a search finds. Pure. */
import type { ProviderEntry } from './provider-entry.ts'
import type { Integration } from './server.ts'

export interface Choice {
  integration: Integration
  /** Undefined while the catalogue's entry is on its way, or when it has none. */
  provider: ProviderEntry | undefined
  /** Below the name. */
  detail: string
}

/** More than these need a search field. */
export const FEW = 6

export function choicesOf(integrations: readonly Integration[], providers: ReadonlyMap<string, ProviderEntry>): Choice[] {
  const sorted = [...integrations].sort((one, other) => one.display_name.localeCompare(other.display_name))
  return sorted.map((integration) => {
    const provider = providers.get(integration.provider)
    // Only a name that stands there twice needs the key, which is the engineer's word.
    const isTwin = integrations.some(
      (other) => other !== integration && other.display_name === integration.display_name && other.provider === integration.provider,
    )
    const lines = [provider?.display_name, isTwin ? integration.unique_key : undefined]
    const detail = lines.filter((line) => line !== undefined && line !== integration.display_name).join(' · ')
    return { integration, provider, detail }
  })
}

/** Every word must begin some word of the name, the provider, the key or a category. */
export function found(choices: readonly Choice[], search: string): Choice[] {
  const words = fold(search).split(/\s+/).filter(Boolean)
  return choices.filter(({ integration, provider }) => {
    const parts = [integration.display_name, integration.unique_key, provider?.display_name ?? '', ...(provider?.categories ?? [])]
    const text = ` ${fold(parts.join(' ')).replaceAll(/[-_.]/g, ' ')}`
    return words.every((word) => text.includes(` ${word}`))
  })
}

function fold(text: string): string {
  return text.normalize('NFKD').replaceAll(/\p{M}/gu, '').toLowerCase()
}

/** `popular` is no group of its own: it would tear its members out of theirs. */
const NO_GROUPS = ['popular']

/** Categories that more than one choice has, and not all of them: others divide nothing. Most frequent first. */
export function categoriesOf(choices: readonly Choice[]): string[] {
  const counts = new Map<string, number>()
  for (const { provider } of choices)
    for (const category of provider?.categories ?? [])
      if (!NO_GROUPS.includes(category)) counts.set(category, (counts.get(category) ?? 0) + 1)
  return [...counts]
    .filter(([, count]) => count > 1 && count < choices.length)
    .sort(([a, x], [b, y]) => y - x || a.localeCompare(b))
    .map(([category]) => category)
}

/** `e-commerce` → `E commerce`; short ones are abbreviations: `crm` → `CRM`. */
export function categoryName(category: string): string {
  if (category.length <= 3) return category.toUpperCase()
  return category.charAt(0).toUpperCase() + category.slice(1).replaceAll('-', ' ')
}
