import { call } from '../api/call.ts'
import { JoinForm } from './join-form.tsx'
import { LinkPage } from './link-page.tsx'

/** The owner's one-time link, printed at the first start. */
export function WelcomePage() {
  return (
    <LinkPage
      kind="owner"
      title="Welcome"
      about={() => 'You become an owner: you may do everything, and invite others. An owner who lost access enters the same address again.'}
      leadsTo="/start"
      form={({ token, onSignedIn }) => (
        <JoinForm
          email={undefined}
          action="Begin"
          join={(given) => call('welcomeOwner', { body: { token, ...given } })}
          onDone={onSignedIn}
        />
      )}
    />
  )
}
