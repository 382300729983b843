import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { Button } from '../../ui/button.tsx'
import { Facts } from '../../ui/facts.tsx'
import { Panel } from '../../ui/panel.tsx'
import { Title } from '../../ui/title.tsx'
import { call } from '../api/call.ts'
import { ErrorNotice } from '../api/error-notice.tsx'
import { useWorkplace } from '../shell/me.ts'
import { ThemeChoice } from '../shell/theme-choice.tsx'
import { NamePanel } from './name-panel.tsx'
import { forgetEverybody } from './next-page.ts'
import { PasswordPanel } from './password-panel.tsx'
import { ROLE_NAMES } from './role-words.ts'
import { SecondFactorPanel } from './second-factor-panel.tsx'
import { SessionsPanel } from './sessions-panel.tsx'

export function AccountPage() {
  const { me } = useWorkplace()
  const hasPassword = me.ways.includes('password')
  return (
    <div className="max-w-3xl">
      <Title name="Your account" about={me.email} actions={<SignOut />} />
      <div className="flex flex-col gap-5">
        <NamePanel key={me.name} name={me.name} />
        <Panel
          title="What you may do"
          about={me.owner ? 'You are an owner: everything, in every environment.' : 'Owners give and change roles.'}
        >
          <Facts rows={me.environments.map(({ name, role }) => [name, ROLE_NAMES[role]] as const)} />
        </Panel>
        {hasPassword ? (
          <>
            <PasswordPanel email={me.email} />
            <SecondFactorPanel isOn={me.second_factor} email={me.email} />
          </>
        ) : (
          <Panel
            title="Password"
            about="You sign in with your organisation’s identity provider, which looks after passwords and second factors."
          >
            <p className="text-sm text-soft">There is nothing to set here.</p>
          </Panel>
        )}
        <SessionsPanel />
        <Panel title="Colours" about="Of this browser.">
          <div className="max-w-60">
            <ThemeChoice />
          </div>
        </Panel>
      </div>
    </div>
  )
}

function SignOut() {
  const navigate = useNavigate()
  const queries = useQueryClient()
  const signOut = useMutation({
    mutationFn: () => call('signOut'),
    onSuccess: async () => {
      await queries.cancelQueries()
      await navigate({ to: '/sign-in' })
      forgetEverybody()
    },
  })
  return (
    <>
      <Button busy={signOut.isPending} onClick={() => signOut.mutate()}>
        Sign out
      </Button>
      <ErrorNotice error={signOut.error} />
    </>
  )
}
