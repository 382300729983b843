import { queryOptions, useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { Badge } from '../../ui/badge.tsx'
import { Button } from '../../ui/button.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { IdText } from '../../ui/id-text.tsx'
import { Panel } from '../../ui/panel.tsx'
import { Skeleton } from '../../ui/skeleton.tsx'
import { TimeAgo } from '../../ui/time-ago.tsx'
import { call, type Reply } from '../api/call.ts'
import { ErrorNotice } from '../api/error-notice.tsx'
import { useWorkplace } from '../shell/me.ts'
import type { Integration } from './integrations-query.ts'
import { StageForm } from './stage-form.tsx'

export type Client = Reply<'listIntegrationClients'>['data'][number]

const clientsQuery = (key: string) =>
  queryOptions({
    queryKey: ['clients', key],
    queryFn: ({ signal }) => call('listIntegrationClients', { params: { uniqueKey: key } }, signal, { reveal: true }),
    select: ({ data }) => data,
    retry: false,
    refetchOnWindowFocus: false,
  })

/** The credentials of the integration's app, and the change to the next ones, during which no call fails. */
export function ClientsPanel({ integration }: { integration: Integration }) {
  const { may } = useWorkplace()
  const [isWanted, setWanted] = useState(false)
  const maySee = may('environment:integrations:read_credentials')
  const { data: clients, error, isFetching } = useQuery({ ...clientsQuery(integration.unique_key), enabled: maySee && isWanted })
  const staged = clients?.find(({ state }) => state === 'staged')
  return (
    <div className="flex max-w-4xl flex-col gap-5">
      <Panel
        title="Client ids in use"
        about="Each connection refreshes with the credentials that it was made with, so former ones stay until no connection needs them. Secrets are never shown."
      >
        {!clients && (
          <Button
            busy={isFetching}
            unavailable={maySee ? undefined : 'Only owners may see the client ids.'}
            onClick={() => setWanted(true)}
          >
            Show the client ids
          </Button>
        )}
        <ErrorNotice error={error} className="pt-3" />
        {isFetching && !clients && <Skeleton className="mt-3 h-20" />}
        {clients?.length === 0 && <p className="text-sm text-soft">None yet. Enter client id and secret on the Set up tab.</p>}
        <ul className="divide-y divide-line">
          {clients?.map((client) => (
            <ClientRow key={client.id} client={client} integrationKey={integration.unique_key} />
          ))}
        </ul>
      </Panel>
      <Panel
        title="Change the secret without a gap"
        about="Keep the next credentials of the same app beside the present ones, make them valid at the provider, then switch over. Connections refresh with whichever works."
      >
        <StageForm integrationKey={integration.unique_key} staged={staged} />
      </Panel>
    </div>
  )
}

const STATES: Record<Client['state'], { words: string; tone: 'good' | 'warn' | 'info' }> = {
  active: { words: 'For new sign-ins', tone: 'good' },
  staged: { words: 'Next', tone: 'warn' },
  retired: { words: 'Former', tone: 'info' },
}

function ClientRow({ client, integrationKey }: { client: Client; integrationKey: string }) {
  const { words, tone } = STATES[client.state]
  const { may } = useWorkplace()
  const queries = useQueryClient()
  const [isAsking, setAsking] = useState(false)
  const removed = useMutation({
    mutationFn: () => call('deleteIntegrationClient', { params: { uniqueKey: integrationKey, clientRowId: client.id } }),
    onSuccess: async () => {
      setAsking(false)
      await queries.invalidateQueries({ queryKey: ['clients', integrationKey] })
    },
  })
  return (
    <li className="flex flex-wrap items-center justify-between gap-x-4 gap-y-2 py-3 text-sm">
      <div className="min-w-0">
        <p className="flex flex-wrap items-center gap-2">
          <IdText value={client.client_id} name="client id" />
          <Badge tone={tone}>{words}</Badge>
          {!client.has_secret && <Badge>without a secret</Badge>}
        </p>
        <p className="text-soft">
          {client.connections.toLocaleString()} {client.connections === 1 ? 'connection' : 'connections'}
          {client.broken_connections > 0 && `, ${client.broken_connections.toLocaleString()} of them broken`}
          {' · '}
          {client.retired_at ? (
            <>
              retired <TimeAgo at={client.retired_at} />
            </>
          ) : (
            <>
              since <TimeAgo at={client.created_at} />
            </>
          )}
        </p>
      </div>
      {client.state === 'retired' && (
        <Button
          size="small"
          unavailable={may('environment:integrations:update') ? undefined : 'Your role may not change integrations.'}
          onClick={() => setAsking(true)}
        >
          Forget…
        </Button>
      )}
      <Dialog
        isOpen={isAsking}
        onClose={() => setAsking(false)}
        title="Forget these credentials?"
        actions={
          <>
            <Button onClick={() => setAsking(false)}>Keep them</Button>
            <Button look="danger" busy={removed.isPending} onClick={() => removed.mutate()}>
              Forget them
            </Button>
          </>
        }
      >
        <p>
          The former credentials <code className="font-mono break-all">{client.client_id}</code> are forgotten. It is refused while a
          connection still needs them; tokens are never deleted with them.
        </p>
        <ErrorNotice error={removed.error} className="pt-3" />
      </Dialog>
    </li>
  )
}
