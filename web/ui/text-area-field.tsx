import type { ReactNode, TextareaHTMLAttributes } from 'react'
import { Field, inputStyle } from './field.tsx'

interface TextAreaFieldProps extends Omit<TextareaHTMLAttributes<HTMLTextAreaElement>, 'onChange' | 'id'> {
  id: string
  label: ReactNode
  note?: string | undefined
  hint?: ReactNode
  error?: ReactNode
  value: string
  onChange: (value: string) => void
}

/** Several lines, as programs read them: no corrections, a fixed-width font. */
export function TextAreaField({ id, label, note, hint, error, onChange, rows = 3, ...rest }: TextAreaFieldProps) {
  return (
    <Field id={id} label={label} note={note} hint={hint} error={error}>
      {(input) => (
        <textarea
          autoComplete="off"
          autoCapitalize="none"
          spellCheck={false}
          {...rest}
          {...input}
          rows={rows}
          className={`${inputStyle} font-mono text-sm`}
          onChange={(event) => onChange(event.target.value)}
        />
      )}
    </Field>
  )
}
