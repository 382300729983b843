import { useState } from 'react'
import { inputStyle } from '../../ui/field.tsx'
import { timeRanges, type TimeFilter, type TimeRange } from './log-filters.ts'

interface TimeRangeFieldProps {
  value: TimeFilter
  onChange: (value: TimeFilter) => void
}

/** Of the browser's own field, in the reader's time zone: `2026-01-15T13:05`. */
function localOf(iso: string | undefined): string {
  if (iso === undefined) return ''
  const at = new Date(iso)
  return new Date(at.getTime() - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 19)
}

function isoOf(local: string): string | undefined {
  const at = new Date(local)
  return Number.isNaN(at.getTime()) ? undefined : at.toISOString()
}

const zone = new Intl.DateTimeFormat().resolvedOptions().timeZone

/** A length of time up to now, or exact times. */
export function TimeRangeField({ value, onChange }: TimeRangeFieldProps) {
  const isExact = value.from !== undefined || value.to !== undefined
  const [wantsExact, setWantsExact] = useState(isExact)
  const shown = isExact || wantsExact ? 'exact' : (value.range ?? '')
  return (
    <div className={`flex flex-wrap items-center gap-2 max-sm:*:w-full! ${shown === 'exact' ? 'max-sm:col-span-2' : ''}`}>
      <select
        aria-label="Time"
        value={shown}
        className={`${inputStyle} min-h-9.5 w-auto! text-sm`}
        onChange={({ target }) => {
          setWantsExact(target.value === 'exact')
          if (target.value !== 'exact') onChange(target.value === '' ? {} : { range: target.value as TimeRange })
        }}
      >
        <option value="">Any time</option>
        {Object.entries(timeRanges).map(([key, [words]]) => (
          <option key={key} value={key}>
            {words}
          </option>
        ))}
        <option value="exact">From … to …</option>
      </select>
      {shown === 'exact' && (
        <>
          <Moment label="From" value={value.from} onChange={(from) => onChange({ ...value, ...set('from', from) })} />
          <Moment label="To" value={value.to} onChange={(to) => onChange({ ...value, ...set('to', to) })} />
          <span className="text-xs text-soft">{zone}</span>
        </>
      )}
    </div>
  )
}

const set = (name: 'from' | 'to', value: string | undefined) => ({ range: undefined, [name]: value }) as unknown as TimeFilter

export function Moment({
  label,
  value,
  onChange,
}: {
  label: string
  value: string | undefined
  onChange: (value: string | undefined) => void
}) {
  return (
    <label className="flex items-center gap-1.5 text-sm text-soft">
      <span className="min-w-9">{label}</span>
      <input
        type="datetime-local"
        step={1}
        max="9999-12-31T23:59:59"
        defaultValue={localOf(value)}
        key={value ?? ''}
        className={`${inputStyle} w-auto! flex-1 text-sm`}
        onBlur={({ target }) => {
          const next = isoOf(target.value)
          if (next !== value) onChange(next)
        }}
        onKeyDown={(event) => event.key === 'Enter' && event.currentTarget.blur()}
      />
    </label>
  )
}
