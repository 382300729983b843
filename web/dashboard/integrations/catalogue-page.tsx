import { useQuery } from '@tanstack/react-query'
import { Link, useNavigate, useSearch } from '@tanstack/react-router'
import { useState } from 'react'
import { Badge } from '../../ui/badge.tsx'
import { Button } from '../../ui/button.tsx'
import { EmptyState } from '../../ui/empty-state.tsx'
import { SearchField } from '../../ui/search-field.tsx'
import { Skeleton } from '../../ui/skeleton.tsx'
import { Title } from '../../ui/title.tsx'
import { apiBase } from '../api/call.ts'
import { ErrorNotice } from '../api/error-notice.tsx'
import { CreateIntegration } from './create-integration.tsx'
import { providersQuery, type Provider } from './integrations-query.ts'
import { ProviderLogo } from './provider-logo.tsx'

interface Wanted {
  search?: string
  category?: string
}

const text = (value: unknown) => (typeof value === 'string' ? value : '')

export function CataloguePage() {
  const address = useSearch({ strict: false }) as Record<string, unknown>
  const search = text(address['search'])
  const category = text(address['category'])
  const navigate = useNavigate()
  const { data: providers, error, isPending } = useQuery(providersQuery)
  const [chosen, setChosen] = useState<Provider>()
  const change = (next: Wanted) => {
    const wanted = Object.entries({ search, category, ...next }).filter(([, value]) => value !== '')
    void navigate({ to: '/integrations/new', search: Object.fromEntries(wanted) as never, replace: true })
  }
  const categories = [...new Set(providers?.flatMap((provider) => provider.categories))].sort()
  const found = providers?.filter(
    ({ name, display_name: display, categories: own }) =>
      (category === '' || own.includes(category)) && `${name} ${display}`.toLowerCase().includes(search.trim().toLowerCase()),
  )
  return (
    <>
      <nav aria-label="Path" className="pb-1 text-sm text-soft">
        <Link to="/integrations" className="hover:text-ink hover:underline">
          Integrations
        </Link>
      </nav>
      <Title name="Choose a provider" about="Whose accounts will your users connect?" />
      <div className="flex flex-col gap-3 pb-4">
        <SearchField label="Search providers" value={search} onChange={(next) => change({ search: next })} className="max-w-md" />
        {categories.length > 1 && (
          <div role="group" aria-label="Category" className="flex flex-wrap gap-2">
            {['', ...categories].map((name) => (
              <Button
                key={name}
                size="small"
                look={name === category ? 'primary' : 'plain'}
                aria-pressed={name === category}
                onClick={() => change({ category: name })}
              >
                {name === '' ? 'All' : name}
              </Button>
            ))}
          </div>
        )}
        <p role="status" className="text-sm text-soft">
          {found ? `${found.length} ${found.length === 1 ? 'provider' : 'providers'}` : 'Loading…'}
        </p>
      </div>
      <ErrorNotice error={error} className="pb-4" />
      {isPending && <Skeleton className="h-24" />}
      {found?.length === 0 && (
        <EmptyState
          title="No such provider in the catalogue"
          actions={<Button onClick={() => change({ search: '', category: '' })}>Show all</Button>}
        >
          <p>
            Any provider with OAuth 2.0 can be added by a file of a few lines.{' '}
            <a href={`${apiBase}/guides/your-own-providers`} target="_blank" rel="noopener noreferrer" className="text-link underline">
              How to write it
            </a>
          </p>
        </EmptyState>
      )}
      <ul className="grid gap-3 md:grid-cols-2 2xl:grid-cols-3">
        {found?.map((provider) => (
          <li
            key={provider.name}
            className="relative flex items-center gap-3 rounded-xl border border-line bg-card p-4 hover:border-edge has-focus-visible:outline-2 has-focus-visible:outline-ring"
          >
            <ProviderLogo src={provider.logo_url} name={provider.display_name} />
            <div className="min-w-0 flex-1">
              <button
                type="button"
                className="block max-w-full cursor-pointer truncate font-medium outline-none after:absolute after:inset-0"
                onClick={() => setChosen(provider)}
              >
                {provider.display_name}
              </button>
              <p className="flex flex-wrap gap-1.5 pt-1">
                {provider.categories.map((name) => (
                  <Badge key={name}>{name}</Badge>
                ))}
              </p>
            </div>
          </li>
        ))}
      </ul>
      <CreateIntegration key={chosen?.name} provider={chosen} onClose={() => setChosen(undefined)} />
    </>
  )
}
