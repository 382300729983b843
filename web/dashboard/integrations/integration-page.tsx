import { useQuery } from '@tanstack/react-query'
import { Link, useNavigate, useParams, useSearch } from '@tanstack/react-router'
import { Badge } from '../../ui/badge.tsx'
import { Skeleton } from '../../ui/skeleton.tsx'
import { Tabs } from '../../ui/tabs.tsx'
import { Title } from '../../ui/title.tsx'
import { ErrorNotice } from '../api/error-notice.tsx'
import { NewConnectionButton } from '../connections/new-connection-button.tsx'
import { ClientsPanel } from './clients-panel.tsx'
import { integrationQuery, providersQuery } from './integrations-query.ts'
import { IntegrationSettings } from './integration-settings.tsx'
import { RulesForm } from './rules-form.tsx'
import { SetUp } from './set-up.tsx'
import { UsagePanels } from './usage-panels.tsx'

const TABS = ['setup', 'credentials', 'rules', 'usage', 'settings'] as const
type Tab = (typeof TABS)[number]

export function IntegrationPage() {
  const { integration: key } = useParams({ strict: false }) as { integration: string }
  const { tab: wanted } = useSearch({ strict: false }) as { tab?: string }
  const navigate = useNavigate()
  const { data: integration, error } = useQuery(integrationQuery(key))
  const { data: providers } = useQuery(providersQuery)
  const provider = providers?.find(({ name }) => name === integration?.provider)
  const tab = TABS.find((name) => name === wanted) ?? 'setup'
  const open = (next: Tab) =>
    void navigate({
      to: '/integrations/$integration',
      params: { integration: key },
      search: (next === 'setup' ? {} : { tab: next }) as never,
    })
  return (
    <>
      <nav aria-label="Path" className="pb-1 text-sm text-soft">
        <Link to="/integrations" className="hover:text-ink hover:underline">
          Integrations
        </Link>
      </nav>
      <Title
        name={integration?.display_name ?? key}
        about={
          <span className="flex flex-wrap items-center gap-x-3 gap-y-1">
            <code className="font-mono text-sm break-all">{key}</code>
            {integration && <Badge>{provider?.display_name ?? integration.provider}</Badge>}
            <Link to="/connections" search={{ integration: key } as never} className="text-sm text-link hover:underline">
              Its connections
            </Link>
          </span>
        }
        actions={<NewConnectionButton integration={key} />}
      />
      <ErrorNotice error={error} className="pb-5" />
      {!integration && !error && <Skeleton className="h-96" />}
      {integration && (
        <Tabs<Tab>
          label="About this integration"
          value={tab}
          onChange={open}
          tabs={[
            { value: 'setup', label: 'Set up', content: () => <SetUp integration={integration} provider={provider} /> },
            { value: 'credentials', label: 'Credentials', content: () => <ClientsPanel integration={integration} /> },
            {
              value: 'rules',
              label: 'Rules',
              content: () => <RulesForm key={integration.updated_at} integration={integration} provider={provider} />,
            },
            { value: 'usage', label: 'Usage', content: () => <UsagePanels integration={integration} provider={provider} /> },
            { value: 'settings', label: 'Settings', content: () => <IntegrationSettings integration={integration} /> },
          ]}
        />
      )}
    </>
  )
}
