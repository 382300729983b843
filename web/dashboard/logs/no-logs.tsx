import { Button } from '../../ui/button.tsx'
import { CodeBlock } from '../../ui/code-block.tsx'
import { EmptyState } from '../../ui/empty-state.tsx'
import { apiBase } from '../api/call.ts'

const SNIPPET = `curl ${apiBase}/proxy/services/data/v66.0/limits \\
  -H "Authorization: Bearer $HAWSER_API_KEY" \\
  -H "Provider-Config-Key: <integration>" \\
  -H "Connection-Id: <connection>"`

interface NoLogsProps {
  isFiltered: boolean
  onClear: () => void
  /** Looks at earlier rows; absent: there are none. */
  onFurther?: (() => void) | undefined
  isSearching: boolean
}

export function NoLogs({ isFiltered, onClear, onFurther, isSearching }: NoLogsProps) {
  if (isFiltered)
    return (
      <EmptyState
        title={onFurther ? 'Nothing among the latest 100,000 rows' : 'Nothing fits these filters'}
        actions={
          <>
            {onFurther && (
              <Button look="primary" busy={isSearching} onClick={onFurther}>
                Search further back
              </Button>
            )}
            <Button onClick={onClear}>Show everything</Button>
          </>
        }
      >
        <p>A search finds parts of paths and hosts, error codes, and ids of connections and end users. An operation’s whole id finds it.</p>
      </EmptyState>
    )
  return (
    <EmptyState title="Nothing has happened yet">
      <p>
        Every call through the proxy, every sign-in, token refresh, webhook and change of this environment appears here a moment after it
        happened: with its outcome, how long it took, and for failures what the other side said. A first call:
      </p>
      <CodeBlock label="Shell" text={SNIPPET} />
    </EmptyState>
  )
}
