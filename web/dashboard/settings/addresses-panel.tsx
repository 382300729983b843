import { useState } from 'react'
import { Button } from '../../ui/button.tsx'
import { CopyLine } from '../../ui/copy-line.tsx'
import { Notice } from '../../ui/notice.tsx'
import { Panel } from '../../ui/panel.tsx'
import { TextField } from '../../ui/text-field.tsx'
import { ErrorNotice } from '../api/error-notice.tsx'
import { useSaveSettings, useSettingsRefusal, type EnvironmentSettings } from './use-save-settings.ts'

export function AddressesPanel({ settings }: { settings: EnvironmentSettings }) {
  const [callback, setCallback] = useState(settings.callback_url)
  const [webhook, setWebhook] = useState(settings.webhook_url ?? '')
  const save = useSaveSettings()
  const refusal = useSettingsRefusal()
  const change = {
    ...(callback.trim() === settings.callback_url ? {} : { callback_url: callback.trim() }),
    ...(webhook.trim() === (settings.webhook_url ?? '') ? {} : { webhook_url: webhook.trim() }),
  }
  const isChanged = Object.keys(change).length > 0
  return (
    <Panel title="Addresses">
      <form
        className="flex flex-col gap-5"
        onSubmit={(event) => {
          event.preventDefault()
          if (isChanged && refusal === undefined && !save.isPending) save.mutate(change)
        }}
      >
        <div className="flex flex-col gap-2">
          <TextField
            id="callback-url"
            label="Callback URL"
            hint="Every provider’s app must know it, character by character; for Salesforce it stands in the External Client App. Empty: the server’s own."
            type="url"
            readOnly={refusal !== undefined}
            value={callback}
            onChange={setCallback}
          />
          {change.callback_url === undefined ? (
            <CopyLine value={settings.callback_url} />
          ) : (
            <Notice tone="warn">
              Enter the new address in every provider’s app first, and lead it to this server. Sign-ins fail until both agree.
            </Notice>
          )}
        </div>
        <TextField
          id="webhook-url"
          label="Webhook URL"
          note="optional"
          hint="Your server hears here of new, renewed and broken connections. Deliveries are listed under Webhooks."
          type="url"
          placeholder="https://your-server.example/hawser"
          readOnly={refusal !== undefined}
          value={webhook}
          onChange={setWebhook}
        />
        <ErrorNotice error={save.error} />
        <div role="status">{save.isSuccess && !isChanged && <Notice tone="good">Saved.</Notice>}</div>
        <div>
          <Button
            look="primary"
            type="submit"
            busy={save.isPending}
            unavailable={refusal ?? (isChanged ? undefined : 'Nothing is changed.')}
          >
            Save the addresses
          </Button>
        </div>
      </form>
    </Panel>
  )
}
