import { Button } from '../../ui/button.tsx'
import { CopyLine } from '../../ui/copy-line.tsx'
import { EmptyState } from '../../ui/empty-state.tsx'
import { apiBase } from '../api/call.ts'
import { NewConnectionButton } from './new-connection-button.tsx'

const SNIPPET = `curl -X POST ${apiBase}/connect/sessions -H "Authorization: Bearer $HAWSER_API_KEY" -H "Content-Type: application/json" -d '{"end_user":{"id":"user-1"}}'`

export function NoConnections({ isFiltered, onClear }: { isFiltered: boolean; onClear: () => void }) {
  if (isFiltered)
    return (
      <EmptyState title="No connection fits these filters" actions={<Button onClick={onClear}>Show all connections</Button>}>
        <p>A search looks for the beginning of words in ids, names, email addresses and organisations.</p>
      </EmptyState>
    )
  return (
    <EmptyState title="No connections yet" actions={<NewConnectionButton />}>
      <p>
        A connection is one account of one of your customers that your product may call. It appears here when somebody has signed in through
        a connect link. Your server makes such a link with one call:
      </p>
      <CopyLine value={SNIPPET} />
    </EmptyState>
  )
}
