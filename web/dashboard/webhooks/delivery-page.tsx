import { useQuery } from '@tanstack/react-query'
import { Link, useParams } from '@tanstack/react-router'
import { Badge } from '../../ui/badge.tsx'
import { Button } from '../../ui/button.tsx'
import { CodeBlock } from '../../ui/code-block.tsx'
import { EmptyState } from '../../ui/empty-state.tsx'
import { Facts } from '../../ui/facts.tsx'
import { IdText } from '../../ui/id-text.tsx'
import { Panel } from '../../ui/panel.tsx'
import { Skeleton } from '../../ui/skeleton.tsx'
import { TimeAgo } from '../../ui/time-ago.tsx'
import { Title } from '../../ui/title.tsx'
import { ApiError } from '../api/api-error.ts'
import { ErrorNotice } from '../api/error-notice.tsx'
import { useWorkplace } from '../shell/me.ts'
import { deliveryQuery, REPLAY_REFUSAL, useReplay } from './deliveries-query.ts'
import { DeliveryTries } from './delivery-tries.tsx'
import { stateTones, stateWords, typeWords, type WholeDelivery } from './delivery-words.ts'

export function DeliveryPage() {
  const { delivery: id = '' } = useParams({ strict: false }) as { delivery?: string }
  const { data: delivery, error } = useQuery(deliveryQuery(id))
  const isUnknown = error instanceof ApiError && (error.status === 404 || error.code === 'invalid_uri_params')
  return (
    <>
      <nav aria-label="Path" className="pb-1 text-sm text-soft">
        <Link to="/webhooks" className="hover:text-ink hover:underline">
          Webhooks
        </Link>
      </nav>
      {isUnknown && (
        <EmptyState title="This webhook is not known">
          <p>
            Webhooks are kept for some days and then dropped. It may also belong to another environment, or the address may be mistyped.
          </p>
        </EmptyState>
      )}
      {!isUnknown && <ErrorNotice error={error} />}
      {!delivery && !error && <Skeleton className="h-96" />}
      {delivery && <WholeDeliveryView delivery={delivery} />}
    </>
  )
}

function WholeDeliveryView({ delivery }: { delivery: WholeDelivery }) {
  const { id, type, state, payload } = delivery
  const { may } = useWorkplace()
  const replay = useReplay(id)
  const refusal = !may('environment:webhooks:write') ? REPLAY_REFUSAL : state === 'waiting' ? 'It is still being sent.' : undefined
  return (
    <>
      <Title
        name={typeWords[type] ?? type}
        about={
          <span className="flex flex-wrap items-center gap-x-3 gap-y-1 text-sm">
            <Badge tone={stateTones[state]}>{stateWords[state]}</Badge>
            <code className="font-mono">{type}</code>
            <TimeAgo at={delivery.created_at} />
          </span>
        }
        actions={
          <Button busy={replay.isPending} unavailable={refusal} onClick={() => replay.mutate()}>
            Send again
          </Button>
        }
      />
      <ErrorNotice error={replay.error} className="pb-5" />
      <p role="status" className="sr-only">
        {replay.isSuccess && 'It is on its way again.'}
      </p>
      <div className="grid items-start gap-5 lg:grid-cols-2">
        <div className="flex min-w-0 flex-col gap-5">
          <DeliveryFacts delivery={delivery} />
          <DeliveryTries delivery={delivery} />
        </div>
        <Panel title="Payload" about="As it is sent, but here indented.">
          <CodeBlock label="JSON" text={JSON.stringify(payload, null, 2)} />
        </Panel>
      </div>
    </>
  )
}

function DeliveryFacts({ delivery }: { delivery: WholeDelivery }) {
  const { id, url, attempts, integration, connection_id: connection, state } = delivery
  const when = (at: string | null) => at && <TimeAgo at={at} />
  return (
    <Panel title="About it">
      <Facts
        rows={[
          ['webhook-id', <IdText key="id" value={id} name="webhook’s id" />],
          [
            'URL',
            <code key="url" className="font-mono">
              {url}
            </code>,
          ],
          ['Attempts', attempts],
          ...(state === 'waiting' ? ([['Next attempt', when(delivery.next_attempt_at) ?? 'now']] as const) : []),
          ...(delivery.delivered_at ? ([['Delivered', when(delivery.delivered_at)]] as const) : []),
          ...(delivery.given_up_at ? ([['Given up', when(delivery.given_up_at)]] as const) : []),
          ...(delivery.replayed_at ? ([['Sent again', when(delivery.replayed_at)]] as const) : []),
          ...(state !== 'delivered' && delivery.last_error ? ([['Last error', delivery.last_error]] as const) : []),
          ...(connection && integration
            ? ([
                [
                  'Connection',
                  <Link
                    key="connection"
                    to="/connections/$integration/$connection"
                    params={{ integration, connection }}
                    className="text-link hover:underline"
                  >
                    {connection}
                  </Link>,
                ],
                ['Integration', integration],
              ] as const)
            : []),
        ]}
      />
    </Panel>
  )
}
