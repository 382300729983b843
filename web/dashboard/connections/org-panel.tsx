import { Badge } from '../../ui/badge.tsx'
import { Facts } from '../../ui/facts.tsx'
import { IdText } from '../../ui/id-text.tsx'
import { Panel } from '../../ui/panel.tsx'
import { TimeAgo } from '../../ui/time-ago.tsx'
import { UsageGauge } from '../overview/usage-gauge.tsx'
import type { Connection } from './connection-query.ts'
import { orgKindWords } from './connection-words.ts'

/** The Salesforce org as it told itself. */
export function OrgPanel({ org }: { org: NonNullable<Connection['org']> }) {
  return (
    <Panel
      title="The Salesforce org"
      about={
        <>
          Asked <TimeAgo at={org.checked_at} />; read at the sign-in and once a day.
        </>
      }
    >
      <Facts
        rows={[
          ['Name', org.name],
          [
            'Kind',
            <span key="kind" className="flex flex-wrap items-center gap-2">
              <Badge tone={org.kind === 'production' ? 'warn' : 'info'}>{orgKindWords[org.kind] ?? org.kind}</Badge>
              {!org.kind_certain && <span className="text-soft">judged by its host names alone</span>}
            </span>,
          ],
          ['Edition', org.organization_type],
          ['Org id', <IdText key="org" value={org.org_id} name="org id" />],
          ['Instance URL', <IdText key="url" value={org.instance_url} name="instance URL" />],
          ['Instance', org.instance_name],
          ['Signed in as', org.username],
          ['Signed in at', org.login_host],
          [
            'API version',
            org.api_versions && `${org.api_versions.newest}${org.api_versions.release ? ` (${org.api_versions.release})` : ''}`,
          ],
          ['Sessions live', org.session_minutes === null ? null : `${org.session_minutes} minutes without use`],
          ...(org.trial_expires_at ? [['Trial ends', <TimeAgo key="trial" at={org.trial_expires_at} />] as const] : []),
        ]}
      />
      <h3 className="mt-4 text-sm text-soft">API calls of 24 hours, by all programs together</h3>
      {org.api_usage ? (
        <>
          <UsageGauge used={org.api_usage.used} max={org.api_usage.max} name={org.name ?? org.org_id} />
          <p className="text-sm text-soft">
            As Salesforce said <TimeAgo at={org.api_usage.seen_at} />
          </p>
        </>
      ) : (
        <p className="text-sm">Not known yet: Salesforce says it with the answer of the next call.</p>
      )}
    </Panel>
  )
}
