import { Link } from '@tanstack/react-router'
import ChevronRight from 'lucide-react/icons/chevron-right'
import { Badge } from '../../ui/badge.tsx'
import { Button } from '../../ui/button.tsx'
import { TimeAgo } from '../../ui/time-ago.tsx'
import { detailOf, nameOf } from '../connections/connection-words.ts'
import { ReconnectButton } from '../connections/reconnect-button.tsx'
import { useWorkplace } from '../shell/me.ts'
import { DiagnosisView } from './diagnosis-view.tsx'
import { actorWords, issueKindWords, titleOf, type Issue } from './issue-words.ts'

interface IssueRowProps {
  issue: Issue
  /** The head of the group says it already. */
  hidesTitle: boolean
  /** Instead of the integration, in groups of one. */
  hidesIntegration: boolean
  /** The head of the group explains it already. */
  hidesDiagnosis: boolean
}

export function IssueRow({ issue, hidesTitle, hidesIntegration, hidesDiagnosis }: IssueRowProps) {
  const { may } = useWorkplace()
  const { connection_id: connection, provider_config_key: integration, diagnosis, closed_at: closed } = issue
  const named = { ...issue, org: null }
  const name = nameOf(named)
  return (
    <li className="py-3 [contain-intrinsic-size:auto_4.5rem] [content-visibility:auto]">
      <div className="flex flex-wrap items-start justify-between gap-x-6 gap-y-2">
        <div className="min-w-0 flex-1 basis-60">
          {!hidesTitle && (
            <p className="flex flex-wrap items-center gap-2 font-medium">
              {titleOf(issue)}
              {diagnosis && <Badge>{actorWords[diagnosis.actor][0]}</Badge>}
            </p>
          )}
          <p className="truncate">
            <Link to="/connections/$integration/$connection" params={{ integration, connection }} className="text-link hover:underline">
              {name}
            </Link>
            <span className="ml-1.5 text-sm text-soft">
              {' '}
              {[detailOf(named), !hidesIntegration && integration].filter(Boolean).join(' · ')}
            </span>
          </p>
          <p className="text-sm text-soft">
            {closed === null ? (
              <>
                Since <TimeAgo at={issue.opened_at} />, seen {issue.count} {issue.count === 1 ? 'time' : 'times'}, last{' '}
                <TimeAgo at={issue.last_seen_at} />
              </>
            ) : (
              <>
                <Badge tone="good">Resolved</Badge> <TimeAgo at={closed} />; opened <TimeAgo at={issue.opened_at} />
              </>
            )}
          </p>
        </div>
        {issue.reconnect &&
          (may('environment:connect_sessions:write') ? (
            <ReconnectButton address={{ integration, connection }} />
          ) : (
            <Button unavailable="Your role may look at issues, not make reconnect links.">Reconnect link</Button>
          ))}
      </div>
      {!hidesDiagnosis && diagnosis && (
        <details className="group mt-2">
          <summary className="inline-flex cursor-pointer list-none items-center gap-1 rounded-md text-sm text-link focus-visible:outline-2 focus-visible:outline-ring">
            <ChevronRight aria-hidden="true" className="size-4 transition-transform group-open:rotate-90 motion-reduce:transition-none" />
            Cause and what to do
            <span className="sr-only">
              about {issueKindWords[issue.kind] ?? issue.kind} of {name}
            </span>
          </summary>
          <div className="mt-2 border-l-2 border-line pl-4">
            <DiagnosisView diagnosis={diagnosis} />
          </div>
        </details>
      )}
    </li>
  )
}
