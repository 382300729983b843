import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { Button } from '../../ui/button.tsx'
import { CopyLine } from '../../ui/copy-line.tsx'
import { Notice } from '../../ui/notice.tsx'
import { Panel } from '../../ui/panel.tsx'
import { TextField } from '../../ui/text-field.tsx'
import { TimeAgo } from '../../ui/time-ago.tsx'
import { apiBase, call } from '../api/call.ts'
import { ErrorNotice } from '../api/error-notice.tsx'
import { useWorkplace } from '../shell/me.ts'
import type { Integration } from './integrations-query.ts'

const OUTCOMES = { survived: 'existing connections go on', reconnect: 'users have to reconnect' }

/** The move from a connected app, as docs/guides/migrate-a-connected-app.md tells it. The command does the steps; the page shows where it stands. */
export function AppMigrationPanel({ integration }: { integration: Integration }) {
  const { may } = useWorkplace()
  const queries = useQueryClient()
  const [canary, setCanary] = useState('')
  const { app_migration: migration, unique_key: key } = integration
  const noted = useMutation({
    mutationFn: (body: { state: 'announced'; canary_connection_id?: string } | { state: 'done'; outcome: 'survived' | 'reconnect' }) =>
      call('recordAppMigration', { params: { uniqueKey: key }, body }),
    onSuccess: () => queries.invalidateQueries({ queryKey: ['integrations'] }),
  })
  const refusal = may('environment:integrations:update') ? undefined : 'Your role may not change integrations.'
  return (
    <Panel
      title="From a Connected App"
      about="Salesforce’s migration to an External Client App keeps key and secret. Whether refresh tokens outlive it is not documented, so one connection is tried first."
    >
      <div className="flex flex-col gap-4">
        <CopyLine value={`npm run hawser -- salesforce app migrate --integration ${/^[\w.-]+$/.test(key) ? key : `"${key}"`}`} />
        <p className="text-sm text-soft">
          Prints the steps, waits until you have pressed Salesforce’s button, renews exactly one connection, and says what came of it.{' '}
          <a href={`${apiBase}/guides/migrate-a-connected-app`} target="_blank" rel="noopener noreferrer" className="text-link underline">
            The guide
          </a>
        </p>
        {migration?.state === 'done' && (
          <Notice tone={migration.outcome === 'survived' ? 'good' : 'warn'}>
            Moved {migration.done_at && <TimeAgo at={migration.done_at} />}: {migration.outcome && OUTCOMES[migration.outcome]}.
          </Notice>
        )}
        {migration?.state === 'announced' && (
          <Notice tone="warn">
            <p>
              Announced <TimeAgo at={migration.announced_at} />
              {migration.canary_connection_id && (
                <>
                  ; tried first: <code className="font-mono break-all">{migration.canary_connection_id}</code>
                </>
              )}
              . What came of it?
            </p>
            <div className="mt-2 flex flex-wrap gap-2">
              <Button unavailable={refusal} busy={noted.isPending} onClick={() => noted.mutate({ state: 'done', outcome: 'survived' })}>
                It goes on working
              </Button>
              <Button unavailable={refusal} busy={noted.isPending} onClick={() => noted.mutate({ state: 'done', outcome: 'reconnect' })}>
                Users have to reconnect
              </Button>
            </div>
          </Notice>
        )}
        {migration?.state !== 'announced' && (
          <form
            className="flex flex-wrap items-end gap-3"
            onSubmit={(event) => {
              event.preventDefault()
              if (refusal === undefined)
                noted.mutate({ state: 'announced', ...(canary.trim() === '' ? {} : { canary_connection_id: canary.trim() }) })
            }}
          >
            <div className="min-w-0 flex-1 basis-64">
              <TextField id="canary" label="Connection to try first" note="optional" value={canary} onChange={setCanary} />
            </div>
            <Button type="submit" busy={noted.isPending} unavailable={refusal}>
              Announce the move
            </Button>
          </form>
        )}
        <ErrorNotice error={noted.error} />
      </div>
    </Panel>
  )
}
