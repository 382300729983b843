import { TextField } from '../../ui/text-field.tsx'

interface CodeFieldProps {
  id: string
  label?: string
  hint?: string
  value: string
  onChange: (value: string) => void
  autoFocus?: boolean
}

/** Six digits of an authenticator app; apps that show `123 456` may be copied from. */
export function CodeField({ id, label = 'Code of your authenticator app', hint, value, onChange, autoFocus }: CodeFieldProps) {
  return (
    <TextField
      id={id}
      label={label}
      hint={hint}
      inputMode="numeric"
      autoComplete="one-time-code"
      autoFocus={autoFocus}
      placeholder="123456"
      required
      className="max-w-40 font-mono tracking-widest"
      value={value}
      onChange={(text) => onChange(text.replaceAll(/\D/g, '').slice(0, 6))}
    />
  )
}
