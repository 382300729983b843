import { useQuery } from '@tanstack/react-query'
import { Button } from '../../ui/button.tsx'
import { FilterChoice } from '../../ui/filter-choice.tsx'
import { TypedFilter } from '../../ui/typed-filter.tsx'
import { integrationsQuery } from '../integrations/integrations-query.ts'
import { issueKindWords } from './issue-words.ts'
import type { Grouping, IssueFilters, IssueState } from './issues-query.ts'

interface IssueFilterBarProps {
  filters: IssueFilters
  /** `undefined` removes a filter. */
  onChange: (changed: { [K in keyof IssueFilters]?: IssueFilters[K] | undefined }) => void
  onClear: () => void
}

export function IssueFilterBar({ filters, onChange, onClear }: IssueFilterBarProps) {
  const integrations = useQuery(integrationsQuery)
  const { kind, integration, connection } = filters
  return (
    <search
      aria-label="Filter the issues"
      className="flex flex-wrap items-stretch gap-2 pb-4 max-sm:grid max-sm:grid-cols-2 max-sm:*:w-full! max-sm:*:max-w-none"
    >
      <FilterChoice
        label="State"
        value={filters.state}
        none="Open"
        options={[
          ['closed', 'Resolved'],
          ['all', 'Open and resolved'],
        ]}
        onChange={(state) => onChange({ state: state as IssueState | undefined })}
      />
      <FilterChoice
        label="Kind"
        value={kind}
        none="Any kind"
        options={Object.entries(issueKindWords)}
        onChange={(next) => onChange({ kind: next })}
      />
      <FilterChoice
        label="Integration"
        value={integration}
        none="Any integration"
        options={(integrations.data ?? []).map(({ unique_key: key }) => [key, key])}
        onChange={(next) => onChange({ integration: next })}
      />
      <TypedFilter label="Connection’s id" value={connection} onChange={(next) => onChange({ connection: next })} className="w-44!" />
      <FilterChoice
        label="Group"
        value={filters.group}
        none="Grouped by kind"
        options={[['integration', 'Grouped by integration']]}
        onChange={(group) => onChange({ group: group as Grouping | undefined })}
      />
      {[kind, integration, connection].some((value) => value !== undefined) && (
        <Button look="quiet" onClick={onClear}>
          Clear
        </Button>
      )}
    </search>
  )
}
