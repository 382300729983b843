import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { Button } from '../../ui/button.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { Notice } from '../../ui/notice.tsx'
import { Panel } from '../../ui/panel.tsx'
import { TextField } from '../../ui/text-field.tsx'
import { TimeAgo } from '../../ui/time-ago.tsx'
import { call } from '../api/call.ts'
import { ErrorNotice } from '../api/error-notice.tsx'
import { useWorkplace } from '../shell/me.ts'
import { useSettingsRefusal } from './use-save-settings.ts'
import type { VaultStatus } from './vault-state-panel.tsx'

/** The kill switch of the whole environment. `place`: how it is frozen; undefined: it is not. */
export function FreezeEnvironmentPanel({ place }: { place: VaultStatus['frozen']['places'][number] | undefined }) {
  const { environment } = useWorkplace()
  const refusal = useSettingsRefusal()
  const queries = useQueryClient()
  const [isOpen, setOpen] = useState(false)
  const [reason, setReason] = useState('')
  const change = useMutation({
    mutationFn: () =>
      place ? call('unfreezeEnvironment') : call('freezeEnvironment', { body: reason.trim() === '' ? {} : { reason: reason.trim() } }),
    onSuccess: async () => {
      // States of connections and the overview change with it.
      await queries.invalidateQueries()
      setOpen(false)
      setReason('')
    },
  })
  const name = environment?.name ?? ''
  return (
    <Panel
      title={`Freeze ${name}`}
      about="Stops all use of its credentials on every node within a second: no call, no refresh, no sign-in. Nothing is lost, and it can be undone."
    >
      <div className="flex flex-col gap-3">
        <div role="status" className="empty:absolute">
          {place && (
            <Notice tone="warn">
              Frozen <TimeAgo at={place.frozen_at} />: {place.reason}
            </Notice>
          )}
        </div>
        <div>
          <Button look={place ? 'primary' : 'danger'} unavailable={refusal} onClick={() => setOpen(true)}>
            {place ? `Use ${name} again` : `Freeze ${name}`}
          </Button>
        </div>
      </div>
      <Dialog
        isOpen={isOpen}
        onClose={() => setOpen(false)}
        title={place ? `Use ${name} again?` : `Freeze ${name}?`}
        actions={
          <>
            <Button onClick={() => setOpen(false)}>Leave it</Button>
            <Button look={place ? 'primary' : 'danger'} busy={change.isPending} onClick={() => change.mutate()}>
              {place ? 'Use it again' : 'Freeze it'}
            </Button>
          </>
        }
      >
        <div className="flex flex-col gap-4">
          {place ? (
            <p>Calls and refreshes begin again. Integrations and connections that were frozen by themselves stay so.</p>
          ) : (
            <>
              <p>Every call of your product through this environment is refused from now on, until somebody undoes it.</p>
              <TextField
                id="freeze-reason"
                label="Reason"
                note="optional"
                hint="Refused calls say it; write nothing secret."
                maxLength={500}
                value={reason}
                onChange={setReason}
              />
            </>
          )}
          <ErrorNotice error={change.error} />
        </div>
      </Dialog>
    </Panel>
  )
}
