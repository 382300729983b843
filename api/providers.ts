import { z } from 'zod'
import { defineRoute } from './route.ts'
import * as values from './values.ts'

/** The catalogue's own entry with its name; every key of the format may appear. */
export const provider = z
  .looseObject({
    name: z.string(),
    display_name: z.string(),
    auth_mode: z.string(),
    categories: z.array(z.string()),
    docs: z.string(),
    logo_url: z.string(),
  })
  .meta({ id: 'Provider' })

export const listProviders = defineRoute({
  name: 'listProviders',
  method: 'GET',
  path: '/providers',
  summary: 'Lists the catalogue.',
  access: { key: [], session: true },
  query: z.strictObject({ search: z.string().min(1).max(100).optional() }),
  reply: { status: 200, body: z.object({ data: z.array(provider) }) },
})

export const getProvider = defineRoute({
  name: 'getProvider',
  method: 'GET',
  path: '/providers/:provider',
  summary: 'Reads one entry of the catalogue.',
  access: { key: [], session: true },
  params: z.strictObject({ provider: values.providerName }),
  query: values.nothing,
  reply: { status: 200, body: z.object({ data: provider }) },
  errors: ['not_found'],
})
