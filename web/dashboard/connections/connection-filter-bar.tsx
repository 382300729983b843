import { useQuery } from '@tanstack/react-query'
import { Button } from '../../ui/button.tsx'
import { FilterChoice } from '../../ui/filter-choice.tsx'
import { TypedFilter } from '../../ui/typed-filter.tsx'
import { integrationsQuery } from '../integrations/integrations-query.ts'
import { connectionStates, type ConnectionFilters, type ConnectionState } from './connections-query.ts'
import { stateWords } from './state-badge.tsx'

interface FilterBarProps {
  filters: ConnectionFilters
  onChange: (changed: ConnectionFilters) => void
  onClear: () => void
}

export function ConnectionFilterBar({ filters, onChange, onClear }: FilterBarProps) {
  const integrations = useQuery(integrationsQuery)
  const names = integrations.data ?? []
  return (
    <search aria-label="Filter connections" className="flex flex-wrap items-start gap-2">
      <TypedFilter
        label="Search by id, user, email, organisation or org id"
        placeholder="Search id, user, email, org…"
        value={filters.search}
        onChange={(search) => onChange({ search: search as string })}
        className="min-w-0 flex-1 basis-64"
        isSearch
      />
      <FilterChoice
        label="State"
        value={filters.state}
        none="Any state"
        options={connectionStates.map((state) => [state, stateWords[state]])}
        onChange={(state) => onChange({ state: state as ConnectionState })}
      />
      <FilterChoice
        label="Integration"
        value={filters.integration}
        none="Any integration"
        options={names.map(({ unique_key: key }) => [key, key])}
        onChange={(integration) => onChange({ integration: integration as string })}
      />
      <TypedFilter
        label="Organisation’s id"
        value={filters.organisation}
        onChange={(organisation) => onChange({ organisation: organisation as string })}
        className="w-40!"
      />
      <TypedFilter
        label="Tag, as name=value"
        placeholder="Tag: name=value"
        value={filters.tag}
        onChange={(tag) => onChange({ tag: tag as string })}
        isWhole={(text) => text === '' || /^[a-zA-Z][\w./-]*=./.test(text)}
        className="w-40!"
      />
      {Object.keys(filters).length > 0 && (
        <Button look="quiet" onClick={onClear}>
          Clear
        </Button>
      )}
    </search>
  )
}
