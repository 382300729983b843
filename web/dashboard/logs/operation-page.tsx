import { useQuery } from '@tanstack/react-query'
import { Link, useParams } from '@tanstack/react-router'
import { Badge } from '../../ui/badge.tsx'
import { CopyButton } from '../../ui/copy-button.tsx'
import { EmptyState } from '../../ui/empty-state.tsx'
import { Panel } from '../../ui/panel.tsx'
import { Skeleton } from '../../ui/skeleton.tsx'
import { TimeAgo } from '../../ui/time-ago.tsx'
import { Title } from '../../ui/title.tsx'
import { ApiError } from '../api/api-error.ts'
import { ErrorNotice } from '../api/error-notice.tsx'
import { DiagnosisView } from '../issues/diagnosis-view.tsx'
import { OpenIssuesOf } from '../issues/open-issues-of.tsx'
import { ClockTime } from './clock-time.tsx'
import { operationQuery } from './log-query.ts'
import { OperationExchange } from './operation-exchange.tsx'
import { OperationFacts } from './operation-facts.tsx'
import { OperationTimeline } from './operation-timeline.tsx'
import { headlineOf, outcomeOf, shortened, toneOf, type WholeOperation } from './operation-words.ts'
import { supportTextOf } from './support-text.ts'

export function OperationPage() {
  const { operation: id = '' } = useParams({ strict: false }) as { operation?: string }
  const { data: operation, error } = useQuery(operationQuery(id))
  // An id that is none is answered with 400.
  const isUnknown = error instanceof ApiError && (error.status === 404 || error.code === 'invalid_uri_params')
  return (
    <>
      <nav aria-label="Path" className="pb-1 text-sm text-soft">
        <Link to="/logs" className="hover:text-ink hover:underline">
          Logs
        </Link>
      </nav>
      {isUnknown && <Unknown />}
      {!isUnknown && <ErrorNotice error={error} />}
      {!operation && !error && <Waiting />}
      {operation && <Operation operation={operation} />}
    </>
  )
}

function Operation({ operation }: { operation: WholeOperation }) {
  const { at, diagnosis, kind, connection_id: connection, integration, outcome } = operation
  return (
    <>
      <Title
        name={shortened(headlineOf(operation))}
        about={
          <span className="flex flex-wrap items-center gap-x-3 gap-y-1 text-sm">
            <Badge tone={toneOf(operation)}>{outcomeOf(operation)}</Badge>
            <ClockTime at={at} />
            <TimeAgo at={at} />
          </span>
        }
        actions={<CopyButton size="normal" label="Copy for a support ticket" value={supportTextOf(operation, window.location.href)} />}
      />
      <div className="grid items-start gap-5 lg:grid-cols-[minmax(0,3fr)_minmax(0,2fr)]">
        <div className="flex min-w-0 flex-col gap-5">
          {diagnosis && (
            <Panel title={diagnosis.title}>
              <DiagnosisView diagnosis={diagnosis} />
            </Panel>
          )}
          <OperationTimeline messages={operation.messages} />
        </div>
        <div className="flex min-w-0 flex-col gap-5">
          <OperationFacts operation={operation} />
          {outcome === 'failure' && connection && integration && <OpenIssuesOf connection={connection} integration={integration} />}
          {kind === 'webhook' && (
            <Link to="/webhooks" search={(connection ? { connection } : {}) as never} className="text-sm text-link underline">
              Deliveries of this connection’s webhooks
            </Link>
          )}
        </div>
        <div className="min-w-0 lg:col-span-2">
          <OperationExchange operation={operation} />
        </div>
      </div>
    </>
  )
}

function Unknown() {
  return (
    <EmptyState title="This operation is not in the log">
      <p>
        The log keeps operations for a while and then drops them, oldest first. It may also belong to another environment, or the address
        may be mistyped.
      </p>
    </EmptyState>
  )
}

function Waiting() {
  return (
    <div aria-hidden="true">
      <Skeleton className="h-8 w-2/3" />
      <Skeleton className="mt-2 mb-5 h-5 w-60" />
      <div className="grid gap-5 lg:grid-cols-[minmax(0,3fr)_minmax(0,2fr)]">
        <Skeleton className="h-56" />
        <Skeleton className="h-56" />
      </div>
    </div>
  )
}
