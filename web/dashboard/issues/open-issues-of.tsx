import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { Notice } from '../../ui/notice.tsx'
import { TimeAgo } from '../../ui/time-ago.tsx'
import { useWorkplace } from '../shell/me.ts'
import { titleOf } from './issue-words.ts'
import { openIssuesOfQuery } from './issues-query.ts'

/** What is wrong with one connection at the moment; nothing where nothing is. */
export function OpenIssuesOf({ integration, connection }: { integration: string; connection: string }) {
  const { may } = useWorkplace()
  const { data: issues } = useQuery({ ...openIssuesOfQuery(integration, connection), enabled: may('environment:connections:list') })
  if (!issues || issues.length === 0) return null
  return (
    <Notice tone="warn">
      <h2 className="font-medium">This connection has {issues.length === 1 ? 'an open issue' : `${issues.length} open issues`}</h2>
      <ul className="mt-1 space-y-1 text-sm">
        {issues.map((issue) => (
          <li key={issue.id}>
            <Link to="/issues" search={{ connection, integration } as never} className="text-link underline">
              {titleOf(issue)}
            </Link>
            , since <TimeAgo at={issue.opened_at} />
          </li>
        ))}
      </ul>
    </Notice>
  )
}
