import { Button } from '../../ui/button.tsx'
import { FilterChoice } from '../../ui/filter-choice.tsx'
import { TypedFilter } from '../../ui/typed-filter.tsx'
import { TimeRangeField } from '../logs/time-range-field.tsx'
import type { DeliveryFilters } from './deliveries-query.ts'
import { deliveryStates, stateWords, typeWords, type DeliveryState } from './delivery-words.ts'

interface DeliveryFilterBarProps {
  filters: DeliveryFilters
  /** `undefined` removes a filter. */
  onChange: (changed: { [K in keyof DeliveryFilters]?: DeliveryFilters[K] | undefined }) => void
  onClear: () => void
}

export function DeliveryFilterBar({ filters, onChange, onClear }: DeliveryFilterBarProps) {
  return (
    <search
      aria-label="Filter the deliveries"
      className="flex flex-wrap items-stretch gap-2 max-sm:grid max-sm:grid-cols-2 max-sm:*:w-full! max-sm:*:max-w-none"
    >
      <FilterChoice
        label="State"
        value={filters.state}
        none="Any state"
        options={deliveryStates.map((state) => [state, stateWords[state]])}
        onChange={(state) => onChange({ state: state as DeliveryState | undefined })}
      />
      <FilterChoice
        label="Type"
        value={filters.type}
        none="Any type"
        options={Object.entries(typeWords)}
        onChange={(type) => onChange({ type })}
      />
      <TypedFilter
        label="Connection’s id"
        value={filters.connection}
        onChange={(connection) => onChange({ connection })}
        className="w-44!"
      />
      <TimeRangeField key={`${filters.range}`} value={filters} onChange={({ range, from, to }) => onChange({ range, from, to })} />
      {Object.keys(filters).length > 0 && (
        <Button look="quiet" onClick={onClear}>
          Clear
        </Button>
      )}
    </search>
  )
}
