import type { InputHTMLAttributes, ReactNode, Ref } from 'react'
import { Field, inputStyle } from './field.tsx'

export interface TextFieldProps extends Omit<InputHTMLAttributes<HTMLInputElement>, 'onChange' | 'prefix' | 'id'> {
  id: string
  label: ReactNode
  note?: string | undefined
  hint?: ReactNode
  error?: ReactNode
  value: string
  onChange: (value: string) => void
  /** Shown before and after the input; not part of the value. */
  prefix?: string | undefined
  suffix?: string | undefined
  ref?: Ref<HTMLInputElement>
}

export function TextField({ id, label, note, hint, error, onChange, prefix, suffix, className = '', ...rest }: TextFieldProps) {
  return (
    <Field id={id} label={label} note={note} hint={hint} error={error}>
      {(input) => (
        <span className="flex items-center gap-1.5">
          {prefix && <span className="shrink-0 text-soft">{prefix}</span>}
          <input
            type="text"
            autoComplete="off"
            autoCapitalize="none"
            spellCheck={false}
            {...rest}
            {...input}
            className={`${inputStyle} ${className}`}
            onChange={(event) => onChange(event.target.value)}
          />
          {suffix && <span className="shrink-0 text-soft">{suffix}</span>}
        </span>
      )}
    </Field>
  )
}
