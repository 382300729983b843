import { useState } from 'react'
import { Button } from '../../ui/button.tsx'
import { CopyLine } from '../../ui/copy-line.tsx'
import { Notice } from '../../ui/notice.tsx'
import { Panel } from '../../ui/panel.tsx'
import { TextField } from '../../ui/text-field.tsx'
import { ErrorNotice } from '../api/error-notice.tsx'
import { useSaveSettings, useSettingsRefusal, type EnvironmentSettings } from './use-save-settings.ts'

export function AddressesPanel({ settings }: { settings: EnvironmentSettings }) {
  return (
    <>
      <CallbackPanel key={settings.callback_url} saved={settings.callback_url} />
      <WebhookPanel key={settings.webhook_url} saved={settings.webhook_url ?? ''} />
    </>
  )
}

function CallbackPanel({ saved }: { saved: string }) {
  const [isOpen, setOpen] = useState(false)
  const [url, setUrl] = useState(saved)
  const save = useSaveSettings()
  const refusal = useSettingsRefusal()
  return (
    <Panel
      title="Callback URL"
      about="Every provider’s app must know it, character by character; for Salesforce it stands in the External Client App."
      actions={
        <Button size="small" aria-expanded={isOpen} unavailable={refusal} onClick={() => setOpen(!isOpen)}>
          {isOpen ? 'Keep it' : 'Change it'}
        </Button>
      }
    >
      <CopyLine value={saved} />
      {isOpen && (
        <form
          className="mt-4 flex flex-col gap-4"
          onSubmit={(event) => {
            event.preventDefault()
            if (url.trim() !== saved && !save.isPending) save.mutate({ callback_url: url.trim() })
          }}
        >
          <TextField id="callback-url" label="Another address" hint="Empty: the server’s own." type="url" value={url} onChange={setUrl} />
          <Notice tone="warn">
            Enter the new address in every provider’s app first, and lead it to this server. Sign-ins fail until both agree.
          </Notice>
          <ErrorNotice error={save.error} />
          <div>
            <Button
              look="primary"
              type="submit"
              busy={save.isPending}
              unavailable={url.trim() === saved ? 'Nothing is changed.' : undefined}
            >
              Save the callback URL
            </Button>
          </div>
        </form>
      )}
    </Panel>
  )
}

function WebhookPanel({ saved }: { saved: string }) {
  const [url, setUrl] = useState(saved)
  const save = useSaveSettings()
  const refusal = useSettingsRefusal()
  const isChanged = url.trim() !== saved
  return (
    <Panel title="Webhook URL" about="Your server hears here of new, renewed and broken connections. Deliveries are listed under Webhooks.">
      <form
        className="flex flex-col gap-3"
        onSubmit={(event) => {
          event.preventDefault()
          if (isChanged && refusal === undefined && !save.isPending) save.mutate({ webhook_url: url.trim() })
        }}
      >
        <div className="flex flex-wrap items-end gap-3">
          <div className="min-w-0 flex-1 basis-60">
            <TextField
              id="webhook-url"
              label="Address"
              note="empty: none"
              type="url"
              placeholder="https://your-server.example/hawser"
              readOnly={refusal !== undefined}
              value={url}
              onChange={setUrl}
            />
          </div>
          <Button
            type="submit"
            className="min-h-10.5"
            busy={save.isPending}
            unavailable={refusal ?? (isChanged ? undefined : 'Nothing is changed.')}
          >
            Save
          </Button>
        </div>
        <ErrorNotice error={save.error} />
      </form>
    </Panel>
  )
}
