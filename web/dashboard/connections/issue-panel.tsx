import { Notice } from '../../ui/notice.tsx'
import { TimeAgo } from '../../ui/time-ago.tsx'
import { apiBase } from '../api/call.ts'
import { useWorkplace } from '../shell/me.ts'
import type { Connection, ConnectionAddress } from './connection-query.ts'
import { ReconnectButton } from './reconnect-button.tsx'

/** What is wrong, why, and what to do first. */
export function IssuePanel({ issue, address }: { issue: Connection['issues'][number]; address: ConnectionAddress }) {
  const { may } = useWorkplace()
  const { diagnosis } = issue
  return (
    <Notice tone={diagnosis?.transient ? 'warn' : 'bad'}>
      <h2 className="font-semibold">{diagnosis?.title ?? issue.kind}</h2>
      {diagnosis && <p className="mt-1 max-w-prose">{diagnosis.cause}</p>}
      {diagnosis && diagnosis.fix.length > 0 && (
        <>
          <h3 className="mt-3 text-sm font-medium">What to do</h3>
          <ol className="mt-1 max-w-prose list-decimal pl-5">
            {diagnosis.fix.map((step) => (
              <li key={step}>{step}</li>
            ))}
          </ol>
        </>
      )}
      <div className="mt-3 flex flex-wrap items-center gap-x-4 gap-y-2 text-sm">
        {diagnosis?.class === 'reconnect' && may('environment:connect_sessions:write') && (
          <ReconnectButton address={address} look="primary" />
        )}
        {diagnosis?.docs && (
          <a href={apiBase + diagnosis.docs} target="_blank" rel="noopener noreferrer" className="text-link underline">
            More about this
          </a>
        )}
        <span>
          Since <TimeAgo at={issue.opened_at} />, seen {issue.count} {issue.count === 1 ? 'time' : 'times'}, last{' '}
          <TimeAgo at={issue.last_seen_at} />
        </span>
      </div>
    </Notice>
  )
}
