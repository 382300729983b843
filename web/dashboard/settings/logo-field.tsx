import { useRef, useState } from 'react'
import { Button } from '../../ui/button.tsx'
import { Field } from '../../ui/field.tsx'
import { readLogo } from './read-logo.ts'

export function LogoField({ logo, onChange }: { logo: string | null; onChange: (logo: string | null) => void }) {
  const picker = useRef<HTMLInputElement>(null)
  const [fault, setFault] = useState<string>()
  return (
    <Field id="logo" label="Logo" hint="PNG, JPEG or WebP of up to 64 kB; shown 40 pixels high." error={fault}>
      {(input) => (
        <div className="flex items-center gap-3">
          <div className="flex h-14 w-24 shrink-0 items-center justify-center rounded-lg border border-line bg-sunk p-2">
            {logo === null ? (
              <span className="text-sm text-soft">none</span>
            ) : (
              <img src={logo} alt="Your logo" className="max-h-full max-w-full" />
            )}
          </div>
          <input
            {...input}
            ref={picker}
            type="file"
            accept="image/png,image/jpeg,image/webp"
            className="sr-only"
            tabIndex={-1}
            onChange={(event) => {
              const file = event.target.files?.[0]
              // The same file can be chosen again.
              event.target.value = ''
              if (!file) return
              void readLogo(file).then(
                (url) => {
                  setFault(undefined)
                  onChange(url)
                },
                (error: Error) => setFault(error.message),
              )
            }}
          />
          <Button onClick={() => picker.current?.click()}>{logo === null ? 'Choose a file' : 'Choose another'}</Button>
          {logo !== null && (
            <Button look="quiet" onClick={() => onChange(null)}>
              Remove
            </Button>
          )}
        </div>
      )}
    </Field>
  )
}
