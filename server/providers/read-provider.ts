import type { z } from 'zod'
import type { provider } from '@hawser/api/providers.ts'
import type { Provider } from './schema.ts'

/** The entry as the API hands it out: every key, its name, and where its logo is. `publicUrl` has no final slash. */
export function readProvider(entry: Provider, publicUrl: string): z.input<typeof provider> {
  // A JSON copy: keys without a value must not appear.
  const copy = JSON.parse(JSON.stringify(entry)) as typeof entry
  return { ...copy, logo_url: entry.logo_url ?? `${publicUrl}/images/template-logos/${entry.name}.svg` }
}
