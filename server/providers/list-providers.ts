import { listProviders as route } from '@hawser/api/providers.ts'
import { handler, type Handler } from '#http/handler.ts'
import type { Catalogue } from './catalogue.ts'
import { readProvider } from './read-provider.ts'

/** `search` is a part of the name or of the display name, whatever its case. */
export function listProviders({ catalogue, publicUrl }: { catalogue: Catalogue; publicUrl: string }): Handler {
  return handler(route, async ({ query }) => {
    const wanted = query.search?.toLowerCase() ?? ''
    const found = catalogue.list().filter((entry) => entry.name.includes(wanted) || entry.display_name.toLowerCase().includes(wanted))
    return { data: found.map((entry) => readProvider(entry, publicUrl)) }
  })
}
