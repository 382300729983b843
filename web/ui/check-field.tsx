import { useId, type ReactNode } from 'react'

interface CheckFieldProps {
  label: ReactNode
  hint?: ReactNode
  checked: boolean
  onChange: (checked: boolean) => void
  /** Why it cannot be changed. */
  unavailable?: string | undefined
}

export function CheckField({ label, hint, checked, onChange, unavailable }: CheckFieldProps) {
  const id = useId()
  const more = unavailable ?? hint
  return (
    <div className="flex items-start gap-2.5">
      <input
        id={id}
        type="checkbox"
        checked={checked}
        disabled={unavailable !== undefined}
        aria-describedby={more ? `${id}-more` : undefined}
        className="mt-1 size-4 shrink-0 accent-accent focus-visible:outline-2 focus-visible:outline-offset-2 focus-visible:outline-ring"
        onChange={(event) => onChange(event.target.checked)}
      />
      <div className="min-w-0">
        <label htmlFor={id} className={unavailable === undefined ? '' : 'text-soft'}>
          {label}
        </label>
        {more && (
          <p id={`${id}-more`} className="text-sm text-soft">
            {more}
          </p>
        )}
      </div>
    </div>
  )
}
