/** The form on the hosted page and the server judge what was typed alike: nobody is sent away with what will be refused, or kept from what is fine. */
import fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import { checkFields } from '../server/connect/check-fields.ts'
import { loadCatalogue, type Catalogue } from '../server/providers/catalogue.ts'
import type { Provider } from '../server/providers/schema.ts'
import { fieldsOf, paramsFrom, problemsIn, visibleFields, type FieldProblem } from '../web/connect/field-rules.ts'
import type { ProviderEntry } from '../web/connect/provider-entry.ts'

const field = (about: Record<string, unknown>) => ({ title: 'Field', ...about })
const everyKind = {
  display_name: 'Every kind of field',
  auth_mode: 'OAUTH2',
  docs: 'https://docs.example.com',
  authorization_url: 'https://example.com/authorize',
  token_url: 'https://example.com/token',
  token_response_metadata: ['account_id'],
  connection_config: {
    needed: field({}),
    account_id: field({}),
    filled: field({ automated: true }),
    preset: field({ default_value: 'a' }),
    choice: field({ enum: ['eu', 'us'] }),
    only_eu: field({ visible_when: { field: 'choice', equals: 'eu' }, optional: true, format: 'uuid' }),
    slug: field({ pattern: '^[a-z]+$', example: 'acme', optional: true }),
    form: field({ pattern: '^x', optional: true }),
    host: field({ format: 'hostname', optional: true }),
    page: field({ format: 'uri', optional: true }),
    id: field({ format: 'uuid', optional: true }),
    email: field({ format: 'email', optional: true }),
    secret: field({ secret: true, optional: true }),
  },
}

let catalogue: Catalogue
beforeAll(async () => {
  catalogue = await loadCatalogue({ folder: new URL('../providers', import.meta.url).pathname, inMemory: { 'every-kind': everyKind } })
})

const typed = fc.oneof(
  fc.constantFrom(
    '',
    ' ',
    'eu',
    'us',
    'a',
    'x',
    'acme',
    ' acme ',
    'acme--uat',
    'acme.my.salesforce.com',
    'https://acme.lightning.force.com/x',
  ),
  fc.constantFrom(
    'evil.example',
    'www.example.com',
    'https://example.com/a?b',
    'http://a@b',
    'a@example.com',
    'login',
    '127.0.0.1',
    'x\n',
    'é',
  ),
  fc.uuid(),
  fc.domain(),
  fc.emailAddress(),
  fc.webUrl(),
  fc.string({ maxLength: 30 }),
  fc.string({ unit: 'binary', maxLength: 30 }),
  fc.constant('x'.repeat(2001)),
)

function judge(provider: Provider, values: Record<string, string>) {
  const entry = provider as unknown as ProviderEntry
  const visible = visibleFields(fieldsOf(entry), values)
  const page: Map<string, FieldProblem> = problemsIn(entry, visible, values)
  const server = checkFields(provider, { params: paramsFrom(visible, values), defaults: {} })
  return { page: [...page.keys()].sort(), server: server.ok ? [] : server.errors.map(({ path }) => String(path[1])).sort() }
}

describe('every entry of the catalogue', () => {
  it('has its form judged alike by the page and by the server', () => {
    expect(catalogue.problems).toEqual([])
    const providers = catalogue.list()
    expect(providers.length).toBeGreaterThan(2)
    const cases = fc.constantFrom(...providers).chain((provider) => {
      const names = Object.keys(provider.connection_config ?? {})
      return fc.tuple(fc.constant(provider), fc.record(Object.fromEntries(names.map((name) => [name, typed]))))
    })
    fc.assert(
      fc.property(cases, ([provider, values]) => {
        const { page, server } = judge(provider, values)
        expect(page).toEqual(server)
      }),
      { numRuns: 2000 },
    )
  })

  it('is asked for no value that the server fills in', () => {
    const names = fieldsOf(catalogue.get('every-kind') as unknown as ProviderEntry).map(([name]) => name)
    expect(names).not.toContain('filled')
    expect(names).not.toContain('account_id')
    expect(fieldsOf(catalogue.get('salesforce') as unknown as ProviderEntry).map(([name]) => name)).toEqual(['hostname'])
  })

  it('finds mistakes in the fields of all kinds', () => {
    const wrong = { needed: '', choice: 'asia', slug: 'A', form: 'a', host: 'x', page: 'x', id: 'x', email: 'x', secret: 'x\u0000y' }
    expect(judge(catalogue.get('every-kind')!, wrong).page).toEqual(Object.keys(wrong).sort())
  })
})
