import type { ReactNode } from 'react'
import { Field, inputStyle } from './field.tsx'

interface SelectFieldProps {
  id: string
  name?: string
  label: ReactNode
  note?: string | undefined
  hint?: ReactNode
  error?: ReactNode
  value: string
  onChange: (value: string) => void
  options: readonly { value: string; label: string }[]
  required?: boolean
}

/** The browser's own list: it works with every keyboard, screen reader and phone. */
export function SelectField({ id, label, note, hint, error, onChange, options, ...rest }: SelectFieldProps) {
  return (
    <Field id={id} label={label} note={note} hint={hint} error={error}>
      {(input) => (
        <select {...rest} {...input} className={inputStyle} onChange={(event) => onChange(event.target.value)}>
          {options.map((option) => (
            <option key={option.value} value={option.value}>
              {option.label}
            </option>
          ))}
        </select>
      )}
    </Field>
  )
}
