import type { ReactNode } from 'react'

/** What the input inside a field must carry. */
export interface FieldInput {
  id: string
  'aria-describedby': string | undefined
  'aria-invalid': true | undefined
}

interface FieldProps {
  /** Unique on the page; the hint is `<id>-hint`, the error `<id>-error`. */
  id: string
  label: ReactNode
  /** Said behind the label, e.g. "optional". */
  note?: string | undefined
  hint?: ReactNode
  /** What is wrong; empty or undefined: nothing. */
  error?: ReactNode
  children: (input: FieldInput) => ReactNode
}

/** Label, input, hint and error, tied together for screen readers. */
export function Field({ id, label, note, hint, error, children }: FieldProps) {
  const described = [error && `${id}-error`, hint && `${id}-hint`].filter(Boolean).join(' ')
  return (
    <div className="flex flex-col gap-1">
      <label htmlFor={id} className="font-medium">
        {label}
        {note !== undefined && <span className="font-normal text-soft"> ({note})</span>}
      </label>
      {children({ id, 'aria-describedby': described || undefined, 'aria-invalid': error ? true : undefined })}
      {error && (
        <p id={`${id}-error`} className="field-error text-sm text-bad">
          {error}
        </p>
      )}
      {hint && (
        <p id={`${id}-hint`} className="text-sm text-soft">
          {hint}
        </p>
      )}
    </div>
  )
}

/** How inputs look, for those that are no `TextField`. */
export const inputStyle =
  'w-full min-w-0 rounded-lg border border-edge bg-card px-3 py-2 text-base text-ink placeholder:text-soft ' +
  'focus-visible:outline-2 focus-visible:outline-offset-1 focus-visible:outline-ring aria-invalid:border-bad'
