import { queryOptions, useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { Badge } from '../../ui/badge.tsx'
import { Button } from '../../ui/button.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { Panel } from '../../ui/panel.tsx'
import { Skeleton } from '../../ui/skeleton.tsx'
import { TimeAgo } from '../../ui/time-ago.tsx'
import { call, type Reply } from '../api/call.ts'
import { ErrorNotice } from '../api/error-notice.tsx'
import { browserName } from './browser-name.ts'

const sessionsQuery = queryOptions({
  queryKey: ['my-sessions'],
  queryFn: ({ signal }) => call('listSessions', {}, signal),
  select: ({ data }) => data,
})

const WAYS: Record<string, string> = { password: 'by password', sso: 'by single sign-on' }

export function SessionsPanel() {
  const sessions = useQuery(sessionsQuery)
  const queries = useQueryClient()
  const [isOpen, setOpen] = useState(false)
  const endAll = useMutation({
    mutationFn: () => call('deleteSessions'),
    onSuccess: () => queries.invalidateQueries({ queryKey: ['me'] }),
  })
  return (
    <Panel
      title="Where you are signed in"
      about="End what you do not recognise, and change your password then."
      actions={<Button onClick={() => setOpen(true)}>Sign out everywhere</Button>}
    >
      <ErrorNotice error={sessions.error} />
      {sessions.isPending ? (
        <Skeleton className="h-14" />
      ) : (
        <ul className="divide-y divide-line">
          {sessions.data?.map((one) => (
            <Session key={one.id} session={one} />
          ))}
        </ul>
      )}
      <Dialog
        isOpen={isOpen}
        onClose={() => setOpen(false)}
        title="Sign out everywhere?"
        actions={
          <>
            <Button onClick={() => setOpen(false)}>Stay signed in</Button>
            <Button look="danger" busy={endAll.isPending} onClick={() => endAll.mutate()}>
              Sign out everywhere
            </Button>
          </>
        }
      >
        <p>All of your sessions end, this one too. You sign in again afterwards.</p>
        <ErrorNotice error={endAll.error} className="mt-3" />
      </Dialog>
    </Panel>
  )
}

function Session({ session }: { session: Reply<'listSessions'>['data'][number] }) {
  const queries = useQueryClient()
  const end = useMutation({
    mutationFn: () => call('deleteSession', { params: { sessionId: session.id } }),
    onSuccess: () => queries.invalidateQueries({ queryKey: ['my-sessions'] }),
  })
  const name = browserName(session.user_agent)
  return (
    <li className="flex flex-wrap items-center justify-between gap-x-4 gap-y-2 py-3 first:pt-0 last:pb-0">
      <div className="min-w-0">
        <p className="flex flex-wrap items-center gap-2 font-medium">
          {name} {session.current && <Badge tone="good">This one</Badge>}
        </p>
        <p className="text-sm text-soft">
          {session.address ?? 'address not known'} · signed in <TimeAgo at={session.created_at} /> {WAYS[session.way] ?? ''} · ends{' '}
          <TimeAgo at={session.expires_at} />
        </p>
        <ErrorNotice error={end.error} />
      </div>
      {!session.current && (
        <Button size="small" busy={end.isPending} aria-label={`End the session in ${name}`} onClick={() => end.mutate()}>
          End
        </Button>
      )}
    </li>
  )
}
