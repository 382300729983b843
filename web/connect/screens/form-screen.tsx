import { useEffect, useRef, useState, type FormEvent } from 'react'
import { Button } from '../../ui/button.tsx'
import { Notice } from '../../ui/notice.tsx'
import { Card } from '../card.tsx'
import { ExplainError } from '../explain-error.tsx'
import { FieldRow } from '../field-row.tsx'
import { fieldsOf, firstValues, problemsIn, visibleFields } from '../field-rules.ts'
import type { Screen } from '../screen.ts'
import { helpLinkOf } from '../help-link.ts'
import { isSalesforce } from '../load-page.ts'
import { Logo } from '../logo.tsx'
import { saidOf } from '../problem-text.ts'
import { typedFor } from '../tab-memory.ts'
import { useServerLang, useTexts } from '../words.tsx'
import { cardOf, type ScreenProps } from './common.ts'

type FormScreenProps = ScreenProps & { screen: Extract<Screen, { at: 'form' }> }

export function FormScreen({ flow, known, screen }: FormScreenProps) {
  const texts = useTexts()
  const serverLang = useServerLang()
  const { key } = screen
  const integration = flow.integrationOf(key)
  const provider = integration && known.providers.get(integration.provider)
  const filled = filledIn(known.session.integrations_config_defaults, key)
  const fields = provider ? fieldsOf(provider, Object.keys(filled)) : []
  const [values, setValues] = useState(() => firstValues(fields, typedFor(known.token, key)))
  const [errors, setErrors] = useState<Record<string, string>>({})
  const [isBusy, setBusy] = useState(false)
  const form = useRef<HTMLFormElement>(null)
  const visible = visibleFields(fields, values, filled)
  useEffect(() => {
    form.current?.querySelector<HTMLElement>('[aria-invalid]')?.focus()
  }, [errors])
  if (!integration || !provider) return null
  const { session } = known
  const name = integration.display_name
  const action = session.isReconnecting ? texts.form.reconnect(name) : texts.form.connect(name)
  const ownApp = known.ownApps.get(key)
  // Once is enough for a page that explains all of them.
  const firstField = visible[0]?.[0]

  const submit = async (event: FormEvent) => {
    event.preventDefault()
    if (isBusy) return
    const problems = problemsIn(provider, visible, values)
    const found = [...problems].map(([field, problem]) => [
      field,
      saidOf(texts, problem, provider.connection_config?.[field]?.title ?? field),
    ])
    if (found.length > 0) return setErrors(Object.fromEntries(found))
    setBusy(true)
    try {
      setErrors(await flow.submit(key, visible, values))
    } finally {
      setBusy(false)
    }
  }
  const change = (field: string, value: string) => {
    setValues({ ...values, [field]: value })
    if (errors[field] !== undefined) setErrors(Object.fromEntries(Object.entries(errors).filter(([other]) => other !== field)))
  }
  return (
    <Card
      screen={`form ${key}`}
      heading={action}
      icon={<Logo integration={integration} className="size-9" />}
      {...(screen.ready === true ? { said: texts.form.adminIsReady, tone: 'good' } : {})}
      {...cardOf({ flow, known })}
      onBack={flow.toList}
    >
      {(session.warnings ?? []).map(({ code, connection_id: id, message }) => (
        <Notice key={`${code} ${id}`} tone="warn">
          <p className="warning" {...serverLang}>
            {message}
          </p>
        </Notice>
      ))}
      {ownApp?.client_id && (
        <Notice>
          {texts.form.ownApp(shortened(ownApp.client_id))}{' '}
          <button type="button" className="cursor-pointer text-link underline" onClick={() => flow.toOwnApp(key)}>
            {texts.form.changeOwnApp}
          </button>
        </Notice>
      )}
      <form ref={form} noValidate className="flex flex-col gap-4" onSubmit={(event) => void submit(event)}>
        {visible.map(([field, about]) => (
          <FieldRow
            key={field}
            field={[field, about]}
            provider={provider}
            value={values[field] ?? ''}
            error={errors[field]}
            help={
              about.doc_section === undefined && field !== firstField ? undefined : helpLinkOf(provider, session.overrides?.[key], about)
            }
            onChange={(value) => change(field, value)}
          />
        ))}
        <Button type="submit" look="primary" size="large" busy={isBusy}>
          {action}
        </Button>
      </form>
      {isSalesforce(integration) && flow.mayHaveMetError(key) && <ExplainError flow={flow} known={known} integration={integration} />}
    </Card>
  )
}

function filledIn(defaults: Record<string, unknown> | undefined, key: string): Record<string, unknown> {
  const own = defaults?.[key] as { connection_config?: Record<string, unknown> } | undefined
  return own?.connection_config ?? {}
}

function shortened(clientId: string): string {
  return clientId.length <= 16 ? clientId : `${clientId.slice(0, 9)}…${clientId.slice(-4)}`
}
