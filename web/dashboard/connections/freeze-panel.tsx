import { useMutation, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { Button } from '../../ui/button.tsx'
import { Panel } from '../../ui/panel.tsx'
import { TextField } from '../../ui/text-field.tsx'
import { TimeAgo } from '../../ui/time-ago.tsx'
import { ErrorNotice } from '../api/error-notice.tsx'
import { vaultQuery } from '../overview/overview-query.ts'

interface FreezePanelProps {
  /** In a sentence: "this connection". */
  what: string
  place: { what: 'integration' | 'connection'; integration: string; connection_id: string | null }
  /** By this switch or by one above it, where the list of switches is too long to tell. */
  isFrozen?: boolean
  refusal: string | undefined
  freeze: (reason: string | undefined) => Promise<unknown>
  unfreeze: () => Promise<unknown>
  onChanged: () => Promise<void>
}

/** The kill switch of one place: it stops all use within a second, and can be undone. */
export function FreezePanel({ what, place, isFrozen = false, refusal, freeze, unfreeze, onChanged }: FreezePanelProps) {
  const [reason, setReason] = useState('')
  const { data: vault } = useQuery(vaultQuery)
  const own = vault?.frozen.places.find(
    (frozen) => frozen.what === place.what && frozen.integration === place.integration && frozen.connection_id === place.connection_id,
  )
  const above = isFrozen && !own
  const change = useMutation({
    mutationFn: () => (own ? unfreeze() : freeze(reason.trim() || undefined)),
    onSuccess: async () => {
      setReason('')
      await onChanged()
    },
  })
  return (
    <Panel
      title="Freeze"
      about={`Stops all use of ${what} within a second: no call, no refresh, no sign-in. Nothing is lost, and it can be undone at any time.`}
    >
      <form
        className="flex flex-col gap-3"
        onSubmit={(event) => {
          event.preventDefault()
          if (refusal === undefined) change.mutate()
        }}
      >
        <div role="status" className="text-sm">
          {own && (
            <p>
              Frozen <TimeAgo at={own.frozen_at} />: {own.reason}
            </p>
          )}
          {above && <p>Frozen together with its integration or the whole environment. It can be frozen by itself besides.</p>}
        </div>
        {!own && (
          <TextField
            id={`freeze-${place.what}`}
            label="Reason"
            note="optional"
            hint="Refused calls say it; write nothing secret."
            maxLength={500}
            value={reason}
            onChange={setReason}
          />
        )}
        <ErrorNotice error={change.error} />
        <div>
          <Button type="submit" busy={change.isPending} unavailable={refusal}>
            {own ? `Use ${what} again` : `Freeze ${what}`}
          </Button>
        </div>
      </form>
    </Panel>
  )
}
