import { useState, type ReactNode } from 'react'
import Eye from 'lucide-react/icons/eye'
import EyeOff from 'lucide-react/icons/eye-off'
import { Field, inputStyle } from '../../ui/field.tsx'

interface PasswordFieldProps {
  id: string
  label: string
  /** `new`: password managers offer to make one. */
  kind?: 'current' | 'new'
  hint?: ReactNode
  error?: ReactNode
  value: string
  onChange: (value: string) => void
  autoFocus?: boolean
}

/** A person's own password, with the words that password managers know; `SecretField` hides from them. */
export function PasswordField({ id, label, kind = 'current', hint, error, value, onChange, autoFocus }: PasswordFieldProps) {
  const [isShown, setShown] = useState(false)
  const Icon = isShown ? EyeOff : Eye
  return (
    <Field id={id} label={label} hint={hint} error={error}>
      {(input) => (
        <span className="relative flex">
          <input
            {...input}
            type={isShown ? 'text' : 'password'}
            autoComplete={`${kind}-password`}
            autoCapitalize="none"
            spellCheck={false}
            autoFocus={autoFocus}
            required
            maxLength={1000}
            value={value}
            className={`${inputStyle} pr-11`}
            onChange={(event) => onChange(event.target.value)}
          />
          <button
            type="button"
            aria-label={isShown ? 'Hide the password' : 'Show the password'}
            aria-controls={id}
            className="absolute inset-y-0 right-0 flex w-10 cursor-pointer items-center justify-center rounded-r-lg text-soft hover:text-ink focus-visible:outline-2 focus-visible:-outline-offset-2 focus-visible:outline-ring"
            onClick={() => setShown(!isShown)}
          >
            <Icon aria-hidden="true" className="size-4" />
          </button>
        </span>
      )}
    </Field>
  )
}
