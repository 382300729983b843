import { queryOptions, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import UserPlus from 'lucide-react/icons/user-plus'
import { Button } from '../../ui/button.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { Panel } from '../../ui/panel.tsx'
import { Skeleton } from '../../ui/skeleton.tsx'
import { call, type Reply } from '../api/call.ts'
import { ErrorNotice } from '../api/error-notice.tsx'
import { useWorkplace } from '../shell/me.ts'
import { InvitationsPanel } from './invitations-panel.tsx'
import { InviteForm } from './invite-form.tsx'
import { MemberRow } from './member-row.tsx'
import { NotForYourRole } from './not-for-your-role.tsx'
import { RolesTable } from './roles-table.tsx'
import { SettingsFrame } from './settings-frame.tsx'

export type Person = Reply<'listPeople'>['data'][number]

export const peopleQuery = queryOptions({
  queryKey: ['people'],
  queryFn: ({ signal }) => call('listPeople', {}, signal),
  select: ({ data }) => data,
})

/** People are those of the whole server; their roles say for which environments. */
export function MembersPage() {
  const { me } = useWorkplace()
  const people = useQuery({ ...peopleQuery, enabled: me.owner })
  const [isInviting, setInviting] = useState(false)
  const invite = (
    <Button look="primary" unavailable={me.owner ? undefined : 'Only owners invite people.'} onClick={() => setInviting(true)}>
      <UserPlus aria-hidden="true" className="size-4" />
      Invite somebody
    </Button>
  )
  return (
    <SettingsFrame name="Members" about="Who may sign in, and what each may do in which environment." actions={invite}>
      <div className="flex flex-col gap-5">
        {!me.owner && <NotForYourRole what="who else is here" who="Owners look after people." />}
        <ErrorNotice error={people.error} />
        {me.owner && !people.error && (
          <Panel title="People">
            {people.isPending ? (
              <Skeleton className="h-14" />
            ) : (
              <ul aria-label="People" className="divide-y divide-line">
                {people.data?.map((person) => (
                  <MemberRow key={person.id} person={person} isMe={person.id === me.id} />
                ))}
              </ul>
            )}
          </Panel>
        )}
        {me.owner && <InvitationsPanel />}
        <RolesTable />
      </div>
      <Dialog isOpen={isInviting} onClose={() => setInviting(false)} title="Invite somebody">
        {isInviting && <InviteForm onDone={() => setInviting(false)} />}
      </Dialog>
    </SettingsFrame>
  )
}
