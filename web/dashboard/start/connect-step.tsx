import { useMutation } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { Button } from '../../ui/button.tsx'
import { ButtonLink } from '../../ui/button-link.tsx'
import { Notice } from '../../ui/notice.tsx'
import { Spinner } from '../../ui/spinner.tsx'
import { TimeAgo } from '../../ui/time-ago.tsx'
import { call } from '../api/call.ts'
import { ErrorNotice } from '../api/error-notice.tsx'
import type { Integration } from '../integrations/integrations-query.ts'
import { useWorkplace } from '../shell/me.ts'
import { openConnectWindow, type ConnectWindow } from './open-connect-page.ts'
import { PRACTICE } from './practice.ts'
import { Step } from './step.tsx'
import type { StartConnection } from './use-first-connection.ts'

interface ConnectStepProps {
  isCurrent: boolean
  integration: Integration | undefined
  connection: StartConnection | undefined
  onOpened: () => void
}

/** What the reader's product will do for each customer: open a session, show the Connect page, wait for the connection. */
export function ConnectStep({ isCurrent, integration, connection, onOpened }: ConnectStepProps) {
  const { me, may } = useWorkplace()
  const open = useMutation({
    mutationFn: async (popup: ConnectWindow) => {
      const session = call('createConnectSession', {
        body: {
          end_user: { id: me.id, email: me.email, display_name: me.name || me.email },
          ...(integration ? { allowed_integrations: [integration.unique_key] } : {}),
        },
      })
      const { data } = await session.catch((error: unknown) => {
        popup.close()
        throw error
      })
      onOpened()
      return { link: data.connect_link, isOpen: popup.lead(data.connect_link) }
    },
  })
  const refusal = may('environment:connect_sessions:write') ? undefined : 'Your role may look, not connect. Ask an owner for another.'
  return (
    <Step
      number={2}
      title="Connect an account"
      isDone={connection !== undefined}
      isCurrent={isCurrent}
      waitsFor={integration ? undefined : 'Needs an integration first.'}
    >
      {!connection && (
        <p>
          Your server opens a connect session for one of your users, and sends her to the Connect page. Here you are that user.
          {integration?.unique_key === PRACTICE && ' At the practice org, allow the access.'}
        </p>
      )}
      <ErrorNotice error={open.error} />
      <div role="status" className="flex flex-col gap-3 empty:absolute">
        {connection ? (
          <Connected connection={connection} />
        ) : (
          open.data && (
            <>
              {open.data.isOpen ? (
                <p className="flex items-center gap-2 text-soft">
                  <Spinner /> Waiting for the connection…
                </p>
              ) : (
                <Notice tone="warn">Your browser opened no window. Open the Connect page by the link.</Notice>
              )}
              <ButtonLink href={open.data.link} target="_blank" size="small" className="self-start">
                Open the Connect page by its link
              </ButtonLink>
            </>
          )
        )}
      </div>
      <div>
        <Button
          look={connection ? 'plain' : 'primary'}
          size={connection ? 'small' : 'normal'}
          busy={open.isPending}
          unavailable={refusal}
          onClick={() => open.mutate(openConnectWindow())}
        >
          {connection ? 'Connect another account' : 'Open the Connect page'}
        </Button>
      </div>
    </Step>
  )
}

function Connected({ connection }: { connection: StartConnection }) {
  const { connection_id: id, provider_config_key: integration, created, state } = connection
  return (
    <>
      <p className="wrap-anywhere">
        Connected <TimeAgo at={created} />:{' '}
        <Link
          to="/connections/$integration/$connection"
          params={{ integration, connection: id }}
          className="font-mono text-sm text-link underline"
        >
          {id}
        </Link>
      </p>
      {state !== 'ok' && <Notice tone="warn">It does not work at the moment: it is {state}. Its page says why.</Notice>}
    </>
  )
}
