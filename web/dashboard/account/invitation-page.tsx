import { call } from '../api/call.ts'
import { JoinForm } from './join-form.tsx'
import { LinkPage } from './link-page.tsx'
import type { OneTimeLink } from './one-time-link.ts'
import { roleText } from './role-words.ts'

export function InvitationPage() {
  return (
    <LinkPage
      kind="invitation"
      title="You are invited"
      about={about}
      leadsTo="/overview"
      form={({ token, link, onSignedIn }) => (
        <JoinForm
          email={link.email ?? ''}
          action="Join"
          join={({ name, password }) => call('acceptInvitation', { body: { token, name, password } })}
          onDone={onSignedIn}
        />
      )}
    />
  )
}

function about({ invited_by: by, roles }: OneTimeLink) {
  return (
    <>
      {by ?? 'An owner'} has invited you to this server as {roles.map(roleText).join(', ') || 'somebody who may look'}.
    </>
  )
}
