import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Button } from '../../ui/button.tsx'
import { Panel } from '../../ui/panel.tsx'
import { Skeleton } from '../../ui/skeleton.tsx'
import { call } from '../api/call.ts'
import { ErrorNotice } from '../api/error-notice.tsx'
import { environmentQuery } from '../integrations/integrations-query.ts'
import { useWorkplace } from '../shell/me.ts'
import { ChangeUrlButton } from './change-url-button.tsx'
import { REPLAY_REFUSAL } from './deliveries-query.ts'
import { TestOutcome } from './test-outcome.tsx'

/** Where this environment's webhooks go, and whether they arrive. */
export function EndpointPanel() {
  const { may } = useWorkplace()
  const queries = useQueryClient()
  const { data: settings, error } = useQuery(environmentQuery)
  const test = useMutation({
    mutationFn: () => call('testWebhook'),
    onSuccess: () => queries.invalidateQueries({ queryKey: ['deliveries'] }),
  })
  const url = settings?.webhook_url
  const refusal = url === null ? 'Set a URL first.' : may('environment:webhooks:write') ? undefined : REPLAY_REFUSAL
  return (
    <Panel
      title="Endpoint"
      about="Your server hears here of new, renewed and broken connections. A connect session may name another URL for its own connection."
      actions={
        settings && (
          <>
            <ChangeUrlButton url={settings.webhook_url} look={url === null ? 'primary' : 'plain'} />
            <Button busy={test.isPending} unavailable={refusal} onClick={() => test.mutate()}>
              Send a test
            </Button>
          </>
        )
      }
    >
      <ErrorNotice error={error} />
      {!settings && !error && <Skeleton className="h-6 w-80 max-w-full" />}
      {settings && (
        <p className="min-h-6 wrap-anywhere">
          {url ? <code className="font-mono text-sm">{url}</code> : <span className="text-soft">No URL is set: nothing is sent.</span>}
        </p>
      )}
      <div aria-live="polite" className="mt-2 empty:hidden">
        {test.error && <ErrorNotice error={test.error} />}
        {test.data && !test.isPending && <TestOutcome id={test.data.data.id} />}
      </div>
    </Panel>
  )
}
