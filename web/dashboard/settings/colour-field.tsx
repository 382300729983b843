import { Button } from '../../ui/button.tsx'
import { HEX_COLOUR } from '../../ui/contrast.ts'
import { Field, inputStyle } from '../../ui/field.tsx'

interface ColourFieldProps {
  id: string
  label: string
  /** The product's own, worn while nothing is chosen. `#rrggbb`. */
  usual: string
  value: string | null
  onChange: (value: string | null) => void
}

export const isColour = (text: string): boolean => HEX_COLOUR.test(text)

export function ColourField({ id, label, usual, value, onChange }: ColourFieldProps) {
  const isWrong = value !== null && !isColour(value)
  return (
    <Field id={id} label={label} error={isWrong ? 'A colour such as #1d4f91.' : undefined}>
      {(input) => (
        <span className="flex items-center gap-2">
          <input
            type="color"
            aria-label={`${label}: choose`}
            className="h-10 w-12 shrink-0 cursor-pointer rounded-lg border border-edge bg-card p-1 focus-visible:outline-2 focus-visible:outline-ring"
            value={isWrong ? usual : sixDigits(value ?? usual)}
            onChange={(event) => onChange(event.target.value)}
          />
          <input
            {...input}
            type="text"
            autoComplete="off"
            spellCheck={false}
            maxLength={7}
            placeholder={usual}
            className={`${inputStyle} max-w-32 font-mono`}
            value={value ?? ''}
            onChange={(event) => onChange(event.target.value.trim() || null)}
          />
          {value !== null && (
            <Button size="small" look="quiet" aria-label={`Reset: ${label}`} onClick={() => onChange(null)}>
              Reset
            </Button>
          )}
        </span>
      )}
    </Field>
  )
}

/** The browser's own field knows no short form. */
function sixDigits(colour: string): string {
  return colour.length === 4 ? `#${[...colour.slice(1)].map((digit) => digit + digit).join('')}` : colour
}
