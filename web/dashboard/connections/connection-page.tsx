import { useQuery } from '@tanstack/react-query'
import { Link, useNavigate, useParams, useSearch } from '@tanstack/react-router'
import { Skeleton } from '../../ui/skeleton.tsx'
import { Tabs } from '../../ui/tabs.tsx'
import { Title } from '../../ui/title.tsx'
import { ErrorNotice } from '../api/error-notice.tsx'
import { useWorkplace } from '../shell/me.ts'
import { ConnectionActivity } from './connection-activity.tsx'
import { connectionQuery, connectionStateQuery, type ConnectionAddress } from './connection-query.ts'
import { ConnectionSettings } from './connection-settings.tsx'
import { ConnectionSummary } from './connection-summary.tsx'
import { nameOf } from './connection-words.ts'
import { CredentialsPanel } from './credentials-panel.tsx'
import { FrozenNotice } from './frozen-notice.tsx'
import { ReconnectButton } from './reconnect-button.tsx'
import { StateBadge } from './state-badge.tsx'
import { TryRequest } from './try-request.tsx'

const TABS = ['summary', 'try', 'activity', 'credentials', 'settings'] as const
type Tab = (typeof TABS)[number]

export function ConnectionPage() {
  const address = useParams({ strict: false }) as unknown as ConnectionAddress
  const { tab: wanted } = useSearch({ strict: false }) as { tab?: string }
  const navigate = useNavigate()
  const { may } = useWorkplace()
  const { data: connection, error } = useQuery(connectionQuery(address))
  const { data: state } = useQuery(connectionStateQuery(address))
  const tab = TABS.find((name) => name === wanted) ?? 'summary'
  const open = (next: Tab) =>
    void navigate({
      to: '/connections/$integration/$connection',
      params: address as never,
      search: (next === 'summary' ? {} : { tab: next }) as never,
    })
  return (
    <>
      <nav aria-label="Path" className="pb-1 text-sm text-soft">
        <Link to="/connections" className="hover:text-ink hover:underline">
          Connections
        </Link>
      </nav>
      <Title
        name={connection ? nameOf(connection) : address.connection}
        about={
          <span className="flex flex-wrap items-center gap-x-3 gap-y-1">
            {state ? <StateBadge state={state} /> : <Skeleton className="h-5 w-16" />}
            <code className="font-mono text-sm break-all">{address.connection}</code>
            <Link
              to="/integrations/$integration"
              params={{ integration: address.integration }}
              className="text-sm text-link hover:underline"
            >
              {address.integration}
            </Link>
          </span>
        }
        actions={may('environment:connect_sessions:write') && <ReconnectButton address={address} />}
      />
      <ErrorNotice error={error} className="pb-5" />
      {state === 'frozen' && may('environment:settings:read') && <FrozenNotice address={address} />}
      {!connection && !error && <Skeleton className="h-96" />}
      {connection && (
        <Tabs<Tab>
          label="About this connection"
          value={tab}
          onChange={open}
          tabs={[
            { value: 'summary', label: 'Summary', content: () => <ConnectionSummary address={address} connection={connection} /> },
            { value: 'try', label: 'Try a request', content: () => <TryRequest address={address} connection={connection} /> },
            { value: 'activity', label: 'Activity', content: () => <ConnectionActivity address={address} /> },
            {
              value: 'credentials',
              label: 'Credentials',
              content: () => <CredentialsPanel key={JSON.stringify(address)} address={address} />,
            },
            { value: 'settings', label: 'Settings', content: () => <ConnectionSettings address={address} connection={connection} /> },
          ]}
        />
      )}
    </>
  )
}
