import { useLayoutEffect, useRef } from 'react'
import { SecretField } from '../ui/secret-field.tsx'
import { SelectField } from '../ui/select-field.tsx'
import { TextField } from '../ui/text-field.tsx'
import { understoodAs, type Field } from './field-rules.ts'
import type { ProviderEntry } from './provider-entry.ts'
import { WithExamples } from './with-examples.tsx'
import { useServerLang, useTexts } from './words.tsx'

interface FieldRowProps {
  field: Field
  provider: ProviderEntry
  value: string
  error: string | undefined
  /** Address of a page that explains the value. */
  help: string | undefined
  onChange: (value: string) => void
}

/** One field of a provider's form. Title and description are the catalogue's, in English. */
export function FieldRow({ field: [name, about], provider, value, error, help, onChange }: FieldRowProps) {
  const texts = useTexts()
  const serverLang = useServerLang()
  const input = useFittingPlaceholder()
  const host = understoodAs(provider, name, value)
  const link = help !== undefined && (
    <a
      href={help}
      target="_blank"
      rel="noopener noreferrer"
      className="self-start rounded-sm text-sm text-link underline focus-visible:outline-2 focus-visible:outline-ring"
    >
      {texts.form.whereToFind}
    </a>
  )
  const common = {
    id: `field-${name}`,
    name,
    label: <span {...serverLang}>{about.title ?? name}</span>,
    note: about.optional === true ? texts.optional : undefined,
    hint: about.description !== undefined && (
      <span {...serverLang}>
        <WithExamples text={about.description} />
      </span>
    ),
    error: error === undefined ? undefined : <WithExamples text={error} />,
    value,
    onChange,
    required: about.optional !== true,
  }
  const choices = about.enum ?? (about.type === 'boolean' ? ['true', 'false'] : undefined)
  const isText = !choices && about.secret !== true
  const typed = { ...common, maxLength: 2000, placeholder: about.example ?? '', ref: input }
  return (
    <div className="flex flex-col gap-1">
      {choices && <SelectField {...common} options={optionsOf(choices, about.optional === true ? '–' : texts.form.choose)} />}
      {!choices && about.secret === true && <SecretField {...typed} showLabel={texts.show} hideLabel={texts.hide} />}
      {isText && (
        <TextField {...typed} prefix={about.prefix} suffix={about.suffix} inputMode={about.format === 'email' ? 'email' : 'text'} />
      )}
      {link}
      {isText && (
        <p aria-live="polite" className="text-sm text-good wrap-anywhere">
          {host !== undefined && error === undefined && <WithExamples text={texts.form.understoodAs(host)} />}
        </p>
      )}
    </div>
  )
}

function optionsOf(values: readonly string[], first: string) {
  return [{ value: '', label: first }, ...values.map((one) => ({ value: one, label: one }))]
}

/** Half an example would mislead; the description has the whole one. */
function useFittingPlaceholder() {
  const ref = useRef<HTMLInputElement>(null)
  useLayoutEffect(() => {
    const input = ref.current
    const pen = input && document.createElement('canvas').getContext('2d')
    if (!input || !pen) return
    const style = getComputedStyle(input)
    pen.font = style.font
    const room = input.clientWidth - Number.parseFloat(style.paddingLeft) - Number.parseFloat(style.paddingRight)
    if (pen.measureText(input.placeholder).width > room) input.placeholder = ''
  }, [])
  return ref
}
