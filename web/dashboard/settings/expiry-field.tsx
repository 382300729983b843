import { SelectField } from '../../ui/select-field.tsx'

const DAY_MS = 86_400_000
const DAYS = [
  ['', 'Never'],
  ['1', 'In a day'],
  ['7', 'In a week'],
  ['30', 'In 30 days'],
  ['90', 'In 90 days'],
  ['365', 'In a year'],
] as const

export function ExpiryField({ value, onChange }: { value: string; onChange: (days: string) => void }) {
  return (
    <SelectField
      id="expiry"
      label="Ends"
      value={value}
      onChange={onChange}
      options={DAYS.map(([days, label]) => ({ value: days, label }))}
    />
  )
}

/** `days` of `ExpiryField`; for a request body. */
export function expiryOf(days: string, now: number): { expires_at?: string } {
  return days === '' ? {} : { expires_at: new Date(now + Number(days) * DAY_MS).toISOString() }
}
