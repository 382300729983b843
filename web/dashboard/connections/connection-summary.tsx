import { Badge } from '../../ui/badge.tsx'
import { Facts } from '../../ui/facts.tsx'
import { IdText } from '../../ui/id-text.tsx'
import { Panel } from '../../ui/panel.tsx'
import { TimeAgo } from '../../ui/time-ago.tsx'
import type { Connection, ConnectionAddress } from './connection-query.ts'
import { IssuePanel } from './issue-panel.tsx'
import { OrgPanel } from './org-panel.tsx'

export function ConnectionSummary({ address, connection }: { address: ConnectionAddress; connection: Connection }) {
  const { end_user: user, org } = connection
  return (
    <div className="flex flex-col gap-5">
      {connection.issues.map((issue) => (
        <IssuePanel key={issue.id} issue={issue} address={address} />
      ))}
      <div className="grid items-start gap-5 xl:grid-cols-2">
        <Panel title="Whose it is">
          <Facts
            rows={[
              ['User', user && (user.display_name ?? user.email ?? user.id)],
              ['User’s id', user && <IdText value={user.id} name="user’s id" />],
              ['Email', user?.email],
              ['Organisation', user?.organization && (user.organization.display_name ?? user.organization.id)],
              ['Tags', tagsOf(connection)],
              ['Created', <TimeAgo key="created" at={connection.created_at} />],
              ['Changed', <TimeAgo key="changed" at={connection.updated_at} />],
              ['Last read or used', connection.last_fetched_at && <TimeAgo at={connection.last_fetched_at} />],
              ['Gateway id', <IdText key="gateway" value={connection.gateway_id} name="gateway id" />],
            ]}
          />
        </Panel>
        {org && <OrgPanel org={org} />}
      </div>
    </div>
  )
}

function tagsOf({ tags }: Connection) {
  const list = Object.entries(tags)
  if (list.length === 0) return 'none'
  return (
    <span className="flex flex-wrap gap-1">
      {list.map(([name, value]) => (
        <Badge key={name}>
          <span className="min-w-0 whitespace-normal wrap-anywhere">
            {name}: {value}
          </span>
        </Badge>
      ))}
    </span>
  )
}
