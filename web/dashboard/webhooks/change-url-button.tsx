import { useState } from 'react'
import { Button } from '../../ui/button.tsx'
import type { ButtonLook } from '../../ui/button-style.ts'
import { Dialog } from '../../ui/dialog.tsx'
import { TextField } from '../../ui/text-field.tsx'
import { ErrorNotice } from '../api/error-notice.tsx'
import { useSaveSettings, useSettingsRefusal } from '../settings/use-save-settings.ts'

/** `url` null: there is none yet. */
export function ChangeUrlButton({ url, look = 'plain' }: { url: string | null; look?: ButtonLook }) {
  const [isOpen, setOpen] = useState(false)
  const refusal = useSettingsRefusal()
  return (
    <>
      <Button look={look} unavailable={refusal} onClick={() => setOpen(true)}>
        {url === null ? 'Set the URL' : 'Change'}
      </Button>
      <Dialog isOpen={isOpen} onClose={() => setOpen(false)} title="Where webhooks go">
        <UrlForm url={url} onDone={() => setOpen(false)} />
      </Dialog>
    </>
  )
}

function UrlForm({ url, onDone }: { url: string | null; onDone: () => void }) {
  const [typed, setTyped] = useState(url ?? '')
  const save = useSaveSettings()
  const next = typed.trim()
  return (
    <form
      className="flex flex-col gap-4"
      onSubmit={(event) => {
        event.preventDefault()
        if (!save.isPending) save.mutate({ webhook_url: next }, { onSuccess: onDone })
      }}
    >
      <TextField
        id="webhooks-url"
        label="Webhook URL"
        hint="An address of your server. Empty: none, and nothing is sent. Webhooks that are waiting still go where they were meant to."
        type="url"
        placeholder="https://your-server.example/hawser"
        value={typed}
        onChange={setTyped}
      />
      <ErrorNotice error={save.error} />
      <div className="flex flex-wrap justify-end gap-2">
        <Button onClick={onDone}>Cancel</Button>
        <Button
          look={next === '' && url !== null ? 'danger' : 'primary'}
          type="submit"
          busy={save.isPending}
          unavailable={next === (url ?? '') ? 'Nothing is changed.' : undefined}
        >
          {next === '' && url !== null ? 'Send no more webhooks' : 'Save'}
        </Button>
      </div>
    </form>
  )
}
