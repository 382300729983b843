import { call } from '../api/call.ts'
import { JoinForm } from './join-form.tsx'
import { LinkPage } from './link-page.tsx'

/** The link that an owner makes for somebody who lost access. */
export function SetPasswordPage() {
  return (
    <LinkPage
      kind="password"
      title="Set a new password"
      about={() => 'You will be signed out everywhere else, and your second factor is off until you set it up again.'}
      leadsTo="/overview"
      form={({ token, link, onSignedIn }) => (
        <JoinForm
          email={link.email ?? ''}
          withName={false}
          action="Set the password"
          join={({ password }) => call('setPassword', { body: { token, password } })}
          onDone={onSignedIn}
        />
      )}
    />
  )
}
