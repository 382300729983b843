import { useState } from 'react'
import Eye from 'lucide-react/icons/eye'
import EyeOff from 'lucide-react/icons/eye-off'
import { Field, inputStyle } from './field.tsx'
import type { TextFieldProps } from './text-field.tsx'

interface SecretFieldProps extends Omit<TextFieldProps, 'prefix' | 'suffix' | 'type'> {
  /** Names of the button that shows and hides what is typed. */
  showLabel?: string
  hideLabel?: string
}

/** A text that is dots until somebody asks to see it. `autocomplete="off"`, and no name that password managers would offer to keep. */
export function SecretField({
  id,
  label,
  note,
  hint,
  error,
  onChange,
  className = '',
  showLabel = 'Show',
  hideLabel = 'Hide',
  ...rest
}: SecretFieldProps) {
  const [isShown, setShown] = useState(false)
  const Icon = isShown ? EyeOff : Eye
  return (
    <Field id={id} label={label} note={note} hint={hint} error={error}>
      {(input) => (
        <span className="relative flex">
          <input
            autoComplete="off"
            autoCapitalize="none"
            spellCheck={false}
            data-1p-ignore=""
            data-lpignore="true"
            {...rest}
            {...input}
            type={isShown ? 'text' : 'password'}
            className={`${inputStyle} pr-11 ${className}`}
            onChange={(event) => onChange(event.target.value)}
          />
          <button
            type="button"
            aria-label={isShown ? hideLabel : showLabel}
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
