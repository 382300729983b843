/** All providers that integrations can be made for: our own entries and those that the operator brings. */
import { providerEntry } from './schema.ts'
import type { Provider } from './schema.ts'
import { readEntries } from './read-entries.ts'
import type { RawEntry } from './read-entries.ts'
import { templateProblems } from './template-problems.ts'

export interface CatalogueProblem {
  file: string
  /** Dotted, from the entry's name on: `acme.proxy.base_url`. Empty where the whole file is meant. */
  path: string
  reason: string
}

export interface Catalogue {
  get(name: string): Provider | undefined
  /** In the order of their names. */
  list(): readonly Provider[]
  /** What was left out while loading, and why. */
  readonly problems: readonly CatalogueProblem[]
}

export interface CatalogueSources {
  /** Our own entries, one file each. */
  folder: string
  /** The operator's files and folders (`HAWSER_PROVIDERS`). */
  extra?: readonly string[]
  /** Entries that exist in this run only, e.g. the practice org's. */
  inMemory?: Readonly<Record<string, unknown>>
}

/** Never throws for a broken entry: it is left out and named in `problems`, and the others load. */
export async function loadCatalogue(sources: CatalogueSources): Promise<Catalogue> {
  const problems: CatalogueProblem[] = []
  const raw = new Map<string, RawEntry>()
  const add = (entry: RawEntry, what: string) => {
    const earlier = raw.get(entry.name)
    if (earlier === undefined) raw.set(entry.name, entry)
    // An operator's file that took over a built-in name would silently redirect existing integrations to other hosts.
    else
      problems.push({
        file: entry.file,
        path: entry.name,
        reason: `${what}: the name is taken by ${earlier.file}; give the entry another name`,
      })
  }
  for (const entry of await readEntries(sources.folder, problems)) add(entry, 'Duplicate')
  for (const [name, value] of Object.entries(sources.inMemory ?? {})) add({ name, file: '(in memory)', value }, 'Duplicate')
  for (const path of sources.extra ?? []) for (const entry of await readEntries(path, problems)) add(entry, 'Not loaded')

  const providers = new Map<string, Provider>()
  for (const entry of raw.values()) {
    const provider = resolve(entry, raw, problems)
    if (provider) providers.set(entry.name, provider)
  }
  const sorted = [...providers.values()].sort((a, b) => (a.name < b.name ? -1 : 1))
  return { get: (name) => providers.get(name), list: () => sorted, problems }
}

function resolve(entry: RawEntry, all: ReadonlyMap<string, RawEntry>, problems: CatalogueProblem[]): Provider | undefined {
  const refuse = (path: string, reason: string): undefined => void problems.push({ file: entry.file, path, reason })
  if (!/^[a-z0-9-]{1,255}$/.test(entry.name))
    return refuse(entry.name, 'A provider name consists of lower-case letters, digits and hyphens')
  const merged = mergeAlias(entry, all)
  if (!merged.ok) return refuse(`${entry.name}.alias`, merged.reason)
  const parsed = providerEntry.safeParse(merged.value)
  if (!parsed.success) {
    for (const issue of parsed.error.issues.slice(0, 20)) {
      const names = issue.code === 'unrecognized_keys' ? issue.keys : ['']
      for (const name of names) {
        const path = [entry.name, ...issue.path.map(String), name].filter((part) => part !== '').join('.')
        refuse(path, issue.code === 'unrecognized_keys' ? 'Unknown key' : issue.message)
      }
    }
    return undefined
  }
  const provider: Provider = { ...parsed.data, name: entry.name }
  const wrong = templateProblems(provider)
  for (const { path, reason } of wrong) refuse(`${entry.name}.${path}`, reason)
  return wrong.length > 0 ? undefined : provider
}

type Merged = { ok: true; value: unknown } | { ok: false; reason: string }

/** `{...target, ...own}`: nested objects replace, as the public format has it. An alias may point to an alias; a circle is refused. */
function mergeAlias(entry: RawEntry, all: ReadonlyMap<string, RawEntry>): Merged {
  const layers: Record<string, unknown>[] = []
  const seen = new Set<string>()
  let at: RawEntry | undefined = entry
  while (at !== undefined) {
    if (typeof at.value !== 'object' || at.value === null || Array.isArray(at.value)) return { ok: true, value: at.value }
    if (seen.has(at.name)) return { ok: false, reason: 'The alias leads back to itself' }
    seen.add(at.name)
    const { alias, ...own } = at.value as Record<string, unknown>
    layers.unshift(own)
    if (alias === undefined) return { ok: true, value: Object.assign({}, ...layers) }
    if (typeof alias !== 'string') return { ok: false, reason: 'The alias must be the name of a provider' }
    at = all.get(alias)
    if (at === undefined) return { ok: false, reason: `No provider is named ${JSON.stringify(alias.slice(0, 100))}` }
  }
  return { ok: false, reason: 'The alias leads nowhere' }
}
