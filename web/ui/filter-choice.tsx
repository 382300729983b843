import { inputStyle } from './field.tsx'

interface FilterChoiceProps {
  label: string
  value: string | undefined
  /** What the list says while it filters nothing. */
  none: string
  options: readonly (readonly [value: string, words: string])[]
  onChange: (value: string | undefined) => void
}

/** One filter of a bar; what the address asks for is shown even where the list does not hold it. */
export function FilterChoice({ label, value = '', none, options, onChange }: FilterChoiceProps) {
  return (
    <select
      aria-label={label}
      value={value}
      className={`${inputStyle} h-9.5 w-auto! max-w-52 py-0! text-sm!`}
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
