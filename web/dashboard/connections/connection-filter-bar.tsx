import { useQuery } from '@tanstack/react-query'
import { useEffect, useRef, useState } from 'react'
import { Button } from '../../ui/button.tsx'
import { inputStyle } from '../../ui/field.tsx'
import { SearchField } from '../../ui/search-field.tsx'
import { integrationsQuery } from '../integrations/integrations-query.ts'
import { connectionStates, type ConnectionFilters, type ConnectionState } from './connections-query.ts'
import { stateWords } from './state-badge.tsx'

interface FilterBarProps {
  filters: ConnectionFilters
  onChange: (changed: ConnectionFilters) => void
  onClear: () => void
}

const TYPING_MS = 250

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
      <Choice
        label="State"
        value={filters.state}
        none="Any state"
        options={connectionStates.map((state) => [state, stateWords[state]])}
        onChange={(state) => onChange({ state: state as ConnectionState })}
      />
      <Choice
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

interface ChoiceProps {
  label: string
  value: string | undefined
  none: string
  options: readonly (readonly [value: string, label: string])[]
  onChange: (value: string | undefined) => void
}

function Choice({ label, value = '', none, options, onChange }: ChoiceProps) {
  return (
    <select
      aria-label={label}
      value={value}
      className={`${inputStyle} max-w-52 w-auto! text-sm`}
      onChange={(event) => onChange(event.target.value || undefined)}
    >
      <option value="">{none}</option>
      {options.map(([key, words]) => (
        <option key={key} value={key}>
          {words}
        </option>
      ))}
      {value !== '' && !options.some(([key]) => key === value) && <option value={value}>{value}</option>}
    </select>
  )
}

interface TypedFilterProps {
  label: string
  placeholder?: string
  value: string | undefined
  onChange: (value: string | undefined) => void
  /** False: still being typed. */
  isWhole?: (text: string) => boolean
  isSearch?: boolean
  className: string
}

const always = () => true

/** Asks for nothing until the typing pauses. */
function TypedFilter({ label, placeholder = label, value = '', onChange, isWhole = always, isSearch, className }: TypedFilterProps) {
  const [typed, setTyped] = useState(value)
  const said = useRef(value)
  if (value !== said.current) {
    // Changed elsewhere: by "Clear", by the back button.
    said.current = value
    setTyped(value)
  }
  useEffect(() => {
    const next = typed.trim()
    if (next === said.current || !isWhole(next)) return
    const timer = setTimeout(() => {
      said.current = next
      onChange(next || undefined)
    }, TYPING_MS)
    return () => clearTimeout(timer)
  })
  if (isSearch) return <SearchField label={label} placeholder={placeholder} value={typed} onChange={setTyped} className={className} />
  return (
    <input
      aria-label={label}
      placeholder={placeholder}
      value={typed}
      autoComplete="off"
      spellCheck={false}
      className={`${inputStyle} text-sm ${className}`}
      onChange={(event) => setTyped(event.target.value)}
    />
  )
}
