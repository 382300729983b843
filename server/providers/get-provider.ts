import { fail } from '@hawser/api/errors.ts'
import { getProvider as route } from '@hawser/api/providers.ts'
import { handler, type Handler } from '#http/handler.ts'
import type { Catalogue } from './catalogue.ts'
import { readProvider } from './read-provider.ts'

export function getProvider({ catalogue, publicUrl }: { catalogue: Catalogue; publicUrl: string }): Handler {
  return handler(route, async ({ params }) => {
    const entry = catalogue.get(params.provider)
    if (!entry) throw fail('not_found', { message: 'The catalogue has no provider of that name.' })
    return { data: readProvider(entry, publicUrl) }
  })
}
