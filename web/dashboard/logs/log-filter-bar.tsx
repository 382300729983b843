import { useQuery } from '@tanstack/react-query'
import { Button } from '../../ui/button.tsx'
import { FilterChoice } from '../../ui/filter-choice.tsx'
import { TypedFilter } from '../../ui/typed-filter.tsx'
import { integrationsQuery } from '../integrations/integrations-query.ts'
import type { LogFilters } from './log-filters.ts'
import { kindWords, operationKinds, type OperationKind } from './operation-words.ts'
import { TimeRangeField } from './time-range-field.tsx'

interface LogFilterBarProps {
  filters: LogFilters
  /** `undefined` removes a filter. */
  onChange: (changed: { [K in keyof LogFilters]?: LogFilters[K] | undefined }) => void
  onClear: () => void
}

export function LogFilterBar({ filters, onChange, onClear }: LogFilterBarProps) {
  const integrations = useQuery(integrationsQuery)
  return (
    <search aria-label="Filter the logs" className="flex flex-col gap-2">
      <div className="flex flex-wrap items-stretch gap-2 max-sm:grid max-sm:grid-cols-2 max-sm:*:w-full! max-sm:*:max-w-none">
        <TypedFilter
          isSearch
          label="Search paths, hosts, error codes and ids"
          placeholder="Search path, host, error, id…"
          value={filters.search}
          onChange={(search) => onChange({ search })}
          className="min-w-0 flex-1 basis-64 max-sm:col-span-2"
        />
        <FilterChoice
          label="Outcome"
          value={filters.outcome}
          none="Any outcome"
          options={[
            ['failure', 'Failures'],
            ['success', 'Successes'],
          ]}
          onChange={(outcome) => onChange({ outcome: outcome as LogFilters['outcome'] })}
        />
        <FilterChoice
          label="Integration"
          value={filters.integration}
          none="Any integration"
          options={(integrations.data ?? []).map(({ unique_key: key }) => [key, key])}
          onChange={(integration) => onChange({ integration })}
        />
        <TimeRangeField key={`${filters.range}`} value={filters} onChange={({ range, from, to }) => onChange({ range, from, to })} />
      </div>
      <div className="flex flex-wrap items-center gap-2">
        <KindChips chosen={filters.kind ?? []} onChange={(kind) => onChange({ kind: kind.length === 0 ? undefined : kind })} />
        <TypedFilter
          label="Connection’s id"
          value={filters.connection}
          onChange={(connection) => onChange({ connection })}
          className="w-44!"
        />
        <TypedFilter label="End user’s id" value={filters.endUser} onChange={(endUser) => onChange({ endUser })} className="w-40!" />
        {Object.keys(filters).length > 0 && (
          <Button look="quiet" onClick={onClear}>
            Clear
          </Button>
        )}
      </div>
    </search>
  )
}

function KindChips({ chosen, onChange }: { chosen: OperationKind[]; onChange: (kinds: OperationKind[]) => void }) {
  return (
    <div role="group" aria-label="Kinds; none pressed shows all" className="flex flex-wrap gap-1">
      {operationKinds.map((kind) => {
        const isOn = chosen.includes(kind)
        return (
          <button
            key={kind}
            type="button"
            aria-pressed={isOn}
            className={`min-h-8 cursor-pointer rounded-full border px-3 text-sm focus-visible:outline-2 focus-visible:outline-offset-2 focus-visible:outline-ring ${
              isOn ? 'border-accent bg-accent text-on-accent' : 'border-line bg-card text-soft hover:text-ink'
            }`}
            onClick={() =>
              onChange(
                isOn
                  ? chosen.filter((other) => other !== kind)
                  : operationKinds.filter((other) => other === kind || chosen.includes(other)),
              )
            }
          >
            {kindWords[kind]}
          </button>
        )
      })}
    </div>
  )
}
