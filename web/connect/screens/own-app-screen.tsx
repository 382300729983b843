import { useEffect, useRef, useState, type FormEvent, type ReactNode } from 'react'
import { Button } from '../../ui/button.tsx'
import { CopyLine } from '../../ui/copy-line.tsx'
import { Notice } from '../../ui/notice.tsx'
import { SecretField } from '../../ui/secret-field.tsx'
import { TextField } from '../../ui/text-field.tsx'
import { Card } from '../card.tsx'
import { Logo } from '../logo.tsx'
import { useTexts } from '../words.tsx'
import { WithExamples } from '../with-examples.tsx'
import { cardOf, type ScreenProps } from './common.ts'

/** Three steps on one page, since people go back and forth between it and Salesforce: make the app, copy its key and secret, paste them here. */
export function OwnAppScreen({ flow, known, opening, integrationKey: key }: ScreenProps & { integrationKey: string }) {
  const texts = useTexts()
  const { ownApp } = texts
  const app = known.ownApps.get(key)
  const integration = flow.integrationOf(key)
  const back = app?.need === 'required' && app.client_id === null ? flow.toList : () => flow.choose(key)
  return (
    <Card
      screen={`own-app ${key}`}
      heading={ownApp.heading}
      icon={integration && <Logo integration={integration} className="size-9" />}
      {...cardOf({ flow, known })}
      onBack={back}
    >
      <p className="text-soft">{ownApp.said}</p>
      {opening.view === 'customer' && (
        <p className="flex flex-wrap items-center justify-between gap-2 rounded-lg bg-sunk px-3 py-2 text-sm">
          {ownApp.notAdmin}
          <Button size="small" onClick={() => flow.toHandOver(key)}>
            {ownApp.sendToAdmin}
          </Button>
        </p>
      )}
      <Step number={1} heading={ownApp.make}>
        <div className="flex flex-col gap-1.5">
          <p className="text-sm font-medium">{ownApp.callback}</p>
          <CopyLine value={app?.callback_url ?? ''} label={texts.copy} copiedLabel={texts.copied} failedLabel={texts.copyByHand} />
        </div>
        <BySetup />
        <ByCommand known={known} integrationKey={key} />
      </Step>
      <Step number={2} heading={ownApp.copyKeys}>
        <p>{ownApp.copySaid}</p>
        <Notice tone="warn">{ownApp.identity}</Notice>
      </Step>
      <Step number={3} heading={ownApp.pasteKeys}>
        <KeyForm onSave={(pasted) => flow.saveOwnApp(key, pasted)} />
        <p className="text-sm text-soft">{ownApp.patience}</p>
      </Step>
    </Card>
  )
}

function Step({ number, heading, children }: { number: number; heading: string; children: ReactNode }) {
  const texts = useTexts()
  return (
    <section className="flex flex-col gap-3 border-t border-line pt-4">
      <h2 className="flex items-center gap-2.5 font-semibold">
        <span aria-hidden="true" className="flex size-6 shrink-0 items-center justify-center rounded-full bg-accent text-sm text-on-accent">
          {number}
        </span>
        <span className="sr-only">{texts.stepOf(number, 3)}: </span>
        {heading}
      </h2>
      {children}
    </section>
  )
}

const fold = 'rounded-lg border border-line px-3 py-2 [&[open]]:pb-3'
const foldHead = 'cursor-pointer rounded-sm font-medium focus-visible:outline-2 focus-visible:outline-ring'

function BySetup() {
  const { ownApp } = useTexts()
  return (
    <details open className={fold}>
      <summary className={foldHead}>{ownApp.bySetup}</summary>
      <ol className="mt-2 flex list-decimal flex-col gap-1.5 pl-5 text-sm wrap-anywhere">
        {ownApp.steps.map((step) => (
          <li key={step}>
            <WithExamples text={step} />
          </li>
        ))}
      </ol>
    </details>
  )
}

function ByCommand({ known, integrationKey: key }: { known: ScreenProps['known']; integrationKey: string }) {
  const texts = useTexts()
  const { ownApp } = texts
  const [state, setState] = useState<'idle' | 'busy' | 'failed'>('idle')
  const download = async () => {
    setState('busy')
    try {
      const url = URL.createObjectURL(await known.server.appFiles(key))
      Object.assign(document.createElement('a'), { href: url, download: 'salesforce-app.zip' }).click()
      setTimeout(() => URL.revokeObjectURL(url), 60_000)
      setState('idle')
    } catch {
      setState('failed')
    }
  }
  return (
    <details className={fold}>
      <summary className={foldHead}>{ownApp.byCommand}</summary>
      <div className="mt-2 flex flex-col gap-2.5 text-sm">
        <p>{ownApp.commandSaid}</p>
        <Button busy={state === 'busy'} onClick={() => void download()}>
          {ownApp.download}
        </Button>
        <p role="status" className="text-bad">
          {state === 'failed' && ownApp.downloadFailed}
        </p>
        <CopyLine
          value="sf project deploy start --target-org my-org"
          label={texts.copy}
          copiedLabel={texts.copied}
          failedLabel={texts.copyByHand}
        />
      </div>
    </details>
  )
}

/** Long, one word; the server takes 255. */
const KEY_FORM = /^[\w.-]{8,255}$/

function KeyForm({ onSave }: { onSave: (app: { client_id: string; client_secret: string }) => Promise<void> }) {
  const texts = useTexts()
  const { ownApp } = texts
  const [pasted, setPasted] = useState({ client_id: '', client_secret: '' })
  const [errors, setErrors] = useState<{ client_id?: string; client_secret?: string }>({})
  const [isBusy, setBusy] = useState(false)
  const form = useRef<HTMLFormElement>(null)
  useEffect(() => {
    form.current?.querySelector<HTMLElement>('[aria-invalid]')?.focus()
  }, [errors])
  const save = async (event: FormEvent) => {
    event.preventDefault()
    if (isBusy) return
    const app = { client_id: pasted.client_id.trim(), client_secret: pasted.client_secret.trim() }
    const wrong = {
      ...(KEY_FORM.test(app.client_id) ? {} : { client_id: ownApp.keyProblem }),
      ...(app.client_secret === '' ? { client_secret: ownApp.secretProblem } : {}),
    }
    setErrors(wrong)
    if (Object.keys(wrong).length > 0) return
    setBusy(true)
    try {
      await onSave(app)
    } catch {
      setErrors({ client_secret: texts.trouble.said })
    } finally {
      setBusy(false)
    }
  }
  return (
    <form ref={form} noValidate className="flex flex-col gap-3" onSubmit={(event) => void save(event)}>
      <TextField
        id="own-app-key"
        label={ownApp.key}
        value={pasted.client_id}
        error={errors.client_id}
        maxLength={300}
        onChange={(value) => setPasted({ ...pasted, client_id: value })}
      />
      <SecretField
        id="own-app-secret"
        label={ownApp.secret}
        value={pasted.client_secret}
        error={errors.client_secret}
        hint={ownApp.kept}
        maxLength={2048}
        showLabel={texts.show}
        hideLabel={texts.hide}
        onChange={(value) => setPasted({ ...pasted, client_secret: value })}
      />
      <Button type="submit" look="primary" size="large" busy={isBusy}>
        {ownApp.proceed}
      </Button>
    </form>
  )
}
