import { Link } from '@tanstack/react-router'
import { Button } from '../../ui/button.tsx'
import { CodeBlock } from '../../ui/code-block.tsx'
import { EmptyState } from '../../ui/empty-state.tsx'
import type { IssueFilters } from './issues-query.ts'

const EVENT = `{
  "type": "issue.opened",
  "data": {
    "connection_id": "…",
    "issue": { "kind": "refresh_failed", "diagnosis": { "title": "…", "fix": ["…"] } },
    "reconnect": { "method": "POST", "path": "/connect/sessions/reconnect", "body": { … } }
  }
}`

export function NoIssues({ filters, onClear }: { filters: IssueFilters; onClear: () => void }) {
  const { state, kind, integration, connection } = filters
  if (kind !== undefined || integration !== undefined || connection !== undefined)
    return (
      <EmptyState
        title={state === undefined ? 'No open issue fits these filters' : 'No issue fits these filters'}
        actions={<Button onClick={onClear}>Show all issues</Button>}
      >
        <p>What fits here works at the moment, as far as this server has tried.</p>
      </EmptyState>
    )
  if (state === 'closed')
    return (
      <EmptyState title="Nothing was resolved yet">
        <p>Issues stay here for 90 days after they ended, with when and how long.</p>
      </EmptyState>
    )
  return (
    <EmptyState title="All is well">
      <p>
        No connection needs anybody. An issue appears here when a token can no longer be refreshed, when a sandbox was refreshed, when the
        customer’s administrator blocks the app: with the cause, who has to act, and the steps that end it. It goes by itself once the
        connection works again.
      </p>
      <p>
        Your server can hear of it at the same moment, by a{' '}
        <Link to="/webhooks" className="text-link underline">
          webhook
        </Link>
        :
      </p>
      <CodeBlock label="Webhook, shortened" text={EVENT} />
    </EmptyState>
  )
}
