import { queryOptions, useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Button } from '../../ui/button.tsx'
import { Panel } from '../../ui/panel.tsx'
import { Skeleton } from '../../ui/skeleton.tsx'
import { TimeAgo } from '../../ui/time-ago.tsx'
import { roleText } from '../account/role-words.ts'
import { call, type Reply } from '../api/call.ts'
import { ErrorNotice } from '../api/error-notice.tsx'

const invitationsQuery = queryOptions({
  queryKey: ['invitations'],
  queryFn: ({ signal }) => call('listInvitations', {}, signal),
  select: ({ data }) => data,
})

export function InvitationsPanel() {
  const invitations = useQuery(invitationsQuery)
  return (
    <Panel title="Invitations" about="Not accepted yet. A link that was lost cannot be shown again: end the invitation and make another.">
      <ErrorNotice error={invitations.error} />
      {invitations.isPending && <Skeleton className="h-6 w-60" />}
      {invitations.data?.length === 0 && <p className="text-sm text-soft">There are none.</p>}
      <ul aria-label="Invitations" className="divide-y divide-line">
        {invitations.data?.map((one) => (
          <Invitation key={one.id} invitation={one} />
        ))}
      </ul>
    </Panel>
  )
}

function Invitation({ invitation }: { invitation: Reply<'listInvitations'>['data'][number] }) {
  const queries = useQueryClient()
  const end = useMutation({
    mutationFn: () => call('deleteInvitation', { params: { invitationId: invitation.id } }),
    onSuccess: () => queries.invalidateQueries({ queryKey: ['invitations'] }),
  })
  return (
    <li className="flex flex-wrap items-center justify-between gap-x-4 gap-y-2 py-3 first:pt-0 last:pb-0">
      <div className="min-w-0">
        <p className="font-medium wrap-anywhere">{invitation.email}</p>
        <p className="text-sm text-soft">
          {invitation.roles.map(roleText).join(', ')} · by {invitation.invited_by ?? 'somebody who left'} · ends{' '}
          <TimeAgo at={invitation.expires_at} />
        </p>
        <ErrorNotice error={end.error} />
      </div>
      <Button size="small" busy={end.isPending} aria-label={`End the invitation of ${invitation.email}`} onClick={() => end.mutate()}>
        End
      </Button>
    </li>
  )
}
