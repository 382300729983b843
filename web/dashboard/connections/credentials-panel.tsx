import { useMutation } from '@tanstack/react-query'
import { useEffect, useRef, useState } from 'react'
import { Button } from '../../ui/button.tsx'
import { CopyButton } from '../../ui/copy-button.tsx'
import { Facts } from '../../ui/facts.tsx'
import { Panel } from '../../ui/panel.tsx'
import { TimeAgo } from '../../ui/time-ago.tsx'
import { call } from '../api/call.ts'
import { ErrorNotice } from '../api/error-notice.tsx'
import { useWorkplace } from '../shell/me.ts'
import { connectionInput, useRefetchConnection, type ConnectionAddress } from './connection-query.ts'

const SHOWN_MS = 30_000

/** Shows the access token for half a minute; the audit trail keeps who looked. What was revealed is held by this component alone, in no cache. */
export function CredentialsPanel({ address }: { address: ConnectionAddress }) {
  const { may } = useWorkplace()
  const refetch = useRefetchConnection()
  const input = connectionInput(address)
  const [isShown, setShown] = useState(false)
  const hideButton = useRef<HTMLButtonElement>(null)
  const revealed = useMutation({
    gcTime: 0,
    mutationFn: (force: boolean) =>
      call(
        'getConnection',
        { params: input.params, query: { ...input.query, ...(force ? { force_refresh: true } : {}) } as never },
        undefined,
        { reveal: true },
      ),
    onSuccess: async (_, force) => {
      if (!force) setShown(true)
      await refetch()
    },
  })
  const { reset } = revealed
  useEffect(() => {
    if (!isShown) return
    hideButton.current?.focus()
    const hide = () => {
      setShown(false)
      reset()
    }
    const timer = setTimeout(hide, SHOWN_MS)
    const left = () => document.hidden && hide()
    document.addEventListener('visibilitychange', left)
    return () => {
      clearTimeout(timer)
      document.removeEventListener('visibilitychange', left)
    }
  }, [isShown, reset])
  const credentials = isShown ? revealed.data?.credentials : undefined
  const refusal = may('environment:connections:read_credentials') ? undefined : 'Only owners may see credentials, or renew them by hand.'
  const refreshed = revealed.isSuccess && revealed.variables
  return (
    <Panel
      title="Credentials"
      about="Your product needs none of this: the proxy adds the token. Each look is written to the audit log with your name."
      actions={
        <>
          <Button busy={revealed.isPending && revealed.variables} unavailable={refusal} onClick={() => revealed.mutate(true)}>
            Refresh now
          </Button>
          {isShown ? (
            <Button
              ref={hideButton}
              onClick={() => {
                setShown(false)
                reset()
              }}
            >
              Hide
            </Button>
          ) : (
            <Button busy={revealed.isPending && !revealed.variables} unavailable={refusal} onClick={() => revealed.mutate(false)}>
              Reveal for 30 seconds
            </Button>
          )}
        </>
      }
    >
      <ErrorNotice error={revealed.error} className="pb-3" />
      <p role="status" className="min-h-6 text-sm text-soft">
        {refreshed ? 'The provider issued a new token.' : isShown ? 'The token is shown below for 30 seconds.' : 'Hidden.'}
      </p>
      {credentials && 'access_token' in credentials ? (
        <Facts
          rows={[
            [
              'Access token',
              <span key="token" className="flex flex-wrap items-start gap-2">
                <code className="min-w-0 flex-1 basis-60 font-mono break-all select-all">{credentials.access_token}</code>
                <CopyButton value={credentials.access_token} />
              </span>,
            ],
            ['Ends', credentials.expires_at ? <TimeAgo at={credentials.expires_at} /> : 'the provider does not say'],
            ['Own client id', credentials.config_override?.client_id ?? 'the integration’s'],
          ]}
        />
      ) : (
        <Facts
          rows={[
            ['Access token', <Dots key="dots" />],
            ['Ends', <Dots key="ends" />],
          ]}
        />
      )}
    </Panel>
  )
}

function Dots() {
  return (
    <span className="text-soft">
      <span aria-hidden="true">••••••••••••••••</span>
      <span className="sr-only">hidden</span>
    </span>
  )
}
