import { useQuery } from '@tanstack/react-query'
import { Button } from '../../ui/button.tsx'
import { FilterChoice } from '../../ui/filter-choice.tsx'
import { TypedFilter } from '../../ui/typed-filter.tsx'
import { integrationsQuery } from '../integrations/integrations-query.ts'
import { Moment } from '../logs/time-range-field.tsx'
import { useWorkplace } from '../shell/me.ts'
import type { AuditFilters } from './audit-filters.ts'
import { ACTION_WORDS } from './audit-words.ts'

export function AuditFilterBar({ filters, onChange }: { filters: AuditFilters; onChange: (filters: AuditFilters) => void }) {
  const { may } = useWorkplace()
  const integrations = useQuery({ ...integrationsQuery, enabled: may('environment:integrations:list') })
  const set = (name: keyof AuditFilters) => (value: string | undefined) => {
    const { [name]: _, ...others } = filters
    onChange(value === undefined ? others : { ...others, [name]: value })
  }
  return (
    <div role="search" aria-label="Filter the trail" className="flex flex-wrap items-center gap-2">
      <FilterChoice
        label="Action"
        none="Every action"
        value={filters.action}
        options={Object.entries(ACTION_WORDS)}
        onChange={set('action')}
      />
      <FilterChoice
        label="Integration"
        none="Every integration"
        value={filters.integration}
        options={(integrations.data ?? []).map(({ unique_key: key, display_name: name }) => [key, `${name} (${key})`] as const)}
        onChange={set('integration')}
      />
      <TypedFilter label="Connection id" value={filters.connection} onChange={set('connection')} className="max-w-44" />
      <TypedFilter label="Id of who did it" value={filters.actor} onChange={set('actor')} className="max-w-44" />
      <Moment label="From" value={filters.from} onChange={set('from')} />
      <Moment label="To" value={filters.to} onChange={set('to')} />
      {Object.keys(filters).length > 0 && (
        <Button look="quiet" onClick={() => onChange({})}>
          Clear
        </Button>
      )}
    </div>
  )
}
