import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { Button } from '../../ui/button.tsx'
import type { ButtonLook } from '../../ui/button-style.ts'
import { CopyLine } from '../../ui/copy-line.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { Spinner } from '../../ui/spinner.tsx'
import { TimeAgo } from '../../ui/time-ago.tsx'
import { call } from '../api/call.ts'
import { ErrorNotice } from '../api/error-notice.tsx'
import type { ConnectionAddress } from './connection-query.ts'

/** One press makes the link; it is shown to be copied and sent. */
export function ReconnectButton({ address, look = 'plain' }: { address: ConnectionAddress; look?: ButtonLook }) {
  const [isOpen, setOpen] = useState(false)
  const made = useMutation({
    mutationFn: () => call('createReconnectSession', { body: { connection_id: address.connection, integration_id: address.integration } }),
  })
  return (
    <>
      <Button
        look={look}
        onClick={() => {
          setOpen(true)
          made.mutate()
        }}
      >
        Reconnect link
      </Button>
      <Dialog isOpen={isOpen} onClose={() => setOpen(false)} title="Send this link to the person who connected">
        <div className="flex min-h-24 flex-col gap-3" aria-live="polite">
          <ErrorNotice error={made.error} />
          {made.isPending && (
            <p className="flex items-center gap-2 text-soft">
              <Spinner /> Making the link…
            </p>
          )}
          {made.data && (
            <>
              <CopyLine value={made.data.data.connect_link} />
              <p className="text-sm text-soft">
                They sign in again, and the connection keeps its id, tags and metadata. The link ends{' '}
                <TimeAgo at={made.data.data.expires_at} />; whoever has it can use it.
              </p>
            </>
          )}
        </div>
      </Dialog>
    </>
  )
}
