import { describe, expect, it } from 'vitest'
import { categoriesOf, categoryName, choicesOf, found } from './choices.ts'
import type { ProviderEntry } from './provider-entry.ts'
import type { Integration } from './server.ts'

const integration = (unique_key: string, provider: string, display_name: string) => ({ unique_key, provider, display_name }) as Integration
const entry = (name: string, display_name: string, categories: string[]) =>
  [name, { name, display_name, categories } as ProviderEntry] as const

const providers = new Map([
  entry('salesforce', 'Salesforce', ['crm', 'popular']),
  entry('kontakt', 'Kontakt', ['crm']),
  entry('depot', 'Dépôt', ['storage']),
])
const choices = choicesOf(
  [
    integration('sf-2', 'salesforce', 'Salesforce'),
    integration('sf-1', 'salesforce', 'Salesforce'),
    integration('k', 'kontakt', 'Sales team'),
    integration('d', 'depot', 'Dépôt'),
    integration('x', 'unknown', 'Another'),
  ],
  providers,
)
const names = (list: typeof choices) => list.map(({ integration: { unique_key: key } }) => key)

describe('the list of integrations', () => {
  it('is in the order of names, with the key only where a name stands twice', () => {
    expect(choices.map(({ integration: { display_name: name }, detail }) => [name, detail])).toEqual([
      ['Another', ''],
      ['Dépôt', ''],
      ['Sales team', 'Kontakt'],
      ['Salesforce', 'sf-2'],
      ['Salesforce', 'sf-1'],
    ])
  })

  it.each([
    ['', ['x', 'd', 'k', 'sf-2', 'sf-1']],
    ['sales', ['k', 'sf-2', 'sf-1']],
    ['SALES kon', ['k']],
    ['depot', ['d']],
    ['crm', ['k', 'sf-2', 'sf-1']],
    ['sf 1', ['sf-1']],
    ['force', []],
    ['.*', ['x', 'd', 'k', 'sf-2', 'sf-1']],
  ])('finds by "%s" the beginnings of words, without accents: %j', (search, expected) => {
    expect(names(found(choices, search.replace('.*', ' ')))).toEqual(expected)
  })

  it('has categories that divide it', () => {
    expect(categoriesOf(choices)).toEqual(['crm'])
    expect(categoriesOf(choices.filter(({ provider }) => provider?.categories.includes('crm')))).toEqual([])
    expect(['crm', 'e-commerce', 'hr'].map(categoryName)).toEqual(['CRM', 'E commerce', 'HR'])
  })
})
