import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { Button } from '../../ui/button.tsx'
import { Facts } from '../../ui/facts.tsx'
import { IdText } from '../../ui/id-text.tsx'
import { Panel } from '../../ui/panel.tsx'
import { TimeAgo } from '../../ui/time-ago.tsx'
import { TypedNameDialog } from '../../ui/typed-name-dialog.tsx'
import { call } from '../api/call.ts'
import { ErrorNotice } from '../api/error-notice.tsx'
import { FreezePanel } from '../connections/freeze-panel.tsx'
import { useWorkplace } from '../shell/me.ts'
import type { Integration } from './integrations-query.ts'

export function IntegrationSettings({ integration }: { integration: Integration }) {
  const { may } = useWorkplace()
  const queries = useQueryClient()
  const { unique_key: key } = integration
  const params = { uniqueKey: key }
  const refusal = may('environment:integrations:update') ? undefined : 'Your role may not change integrations.'
  return (
    <div className="flex max-w-4xl flex-col gap-5">
      <Panel title="About it">
        <Facts
          rows={[
            ['Key', <IdText key="key" value={key} name="key" />],
            ['Provider', integration.provider],
            ...(integration.webhook_url
              ? [['Webhook URL', <IdText key="url" value={integration.webhook_url} name="webhook URL" />] as const]
              : []),
            ['Created', <TimeAgo key="created" at={integration.created_at} />],
            ['Changed', <TimeAgo key="changed" at={integration.updated_at} />],
          ]}
        />
      </Panel>
      <FreezePanel
        what="this integration"
        place={{ what: 'integration', integration: key, connection_id: null }}
        refusal={refusal}
        freeze={(reason) => call('freezeIntegration', { params, body: reason === undefined ? {} : { reason } })}
        unfreeze={() => call('unfreezeIntegration', { params })}
        onChanged={async () => {
          await Promise.all(['vault', 'overview', 'connections'].map((name) => queries.invalidateQueries({ queryKey: [name] })))
        }}
      />
      <DeleteIntegration integrationKey={key} />
    </div>
  )
}

function DeleteIntegration({ integrationKey }: { integrationKey: string }) {
  const [isOpen, setOpen] = useState(false)
  const { may } = useWorkplace()
  const queries = useQueryClient()
  const navigate = useNavigate()
  const { data: count } = useQuery({
    queryKey: ['connections', 'count', integrationKey],
    queryFn: ({ signal }) => call('listConnections', { query: { integrationId: integrationKey, limit: 1, total: true } }, signal),
    select: ({ total }) => total,
    enabled: isOpen,
  })
  const deleted = useMutation({
    mutationFn: () => call('deleteIntegration', { params: { uniqueKey: integrationKey } }),
    onSuccess: async () => {
      await navigate({ to: '/integrations' })
      await queries.invalidateQueries({ queryKey: ['integrations'] })
    },
  })
  return (
    <Panel title="Delete" about="Deletes the integration with all its connections. It cannot be undone.">
      <Button
        look="danger"
        unavailable={may('environment:integrations:delete') ? undefined : 'Your role may not delete integrations.'}
        onClick={() => setOpen(true)}
      >
        Delete this integration…
      </Button>
      <TypedNameDialog
        isOpen={isOpen}
        onClose={() => setOpen(false)}
        title="Delete this integration?"
        name={integrationKey}
        action="Delete with all connections"
        isBusy={deleted.isPending}
        onConfirm={() => deleted.mutate()}
      >
        <p className="min-h-12">
          {count === undefined || count === null
            ? 'All its connections are deleted with it.'
            : count === 0
              ? 'It has no connections.'
              : `${count.toLocaleString()} ${count === 1 ? 'connection is' : 'connections are'} deleted with it, and their users have to sign in anew.`}
        </p>
        <ErrorNotice error={deleted.error} />
      </TypedNameDialog>
    </Panel>
  )
}
