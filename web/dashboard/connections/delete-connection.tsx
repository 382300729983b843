import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { Button } from '../../ui/button.tsx'
import { Panel } from '../../ui/panel.tsx'
import { TypedNameDialog } from '../../ui/typed-name-dialog.tsx'
import { call } from '../api/call.ts'
import { ErrorNotice } from '../api/error-notice.tsx'
import { useWorkplace } from '../shell/me.ts'
import { connectionInput, type ConnectionAddress } from './connection-query.ts'

export function DeleteConnection({ address }: { address: ConnectionAddress }) {
  const [isOpen, setOpen] = useState(false)
  const { may } = useWorkplace()
  const queries = useQueryClient()
  const navigate = useNavigate()
  const deleted = useMutation({
    mutationFn: () => call('deleteConnection', connectionInput(address)),
    onSuccess: async () => {
      await navigate({ to: '/connections' })
      queries.removeQueries({ queryKey: ['connection', address] })
      await queries.invalidateQueries({ queryKey: ['connections'] })
    },
  })
  return (
    <Panel
      title="Delete"
      about="Forgets the tokens, and revokes the grant at the provider unless another connection lives on it. It cannot be undone."
    >
      <Button
        look="danger"
        unavailable={may('environment:connections:delete') ? undefined : 'Your role may not delete connections.'}
        onClick={() => setOpen(true)}
      >
        Delete this connection…
      </Button>
      <TypedNameDialog
        isOpen={isOpen}
        onClose={() => setOpen(false)}
        title="Delete this connection?"
        name={address.connection}
        action="Delete the connection"
        isBusy={deleted.isPending}
        onConfirm={() => deleted.mutate()}
      >
        <p>
          Calls with it fail from then on, and its user has to sign in again for a new one. Its metadata and tags are lost; the audit log
          keeps that it was.
        </p>
        <ErrorNotice error={deleted.error} />
      </TypedNameDialog>
    </Panel>
  )
}
