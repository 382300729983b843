import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { Badge } from '../../ui/badge.tsx'
import { Skeleton } from '../../ui/skeleton.tsx'
import { Title } from '../../ui/title.tsx'
import { buttonStyle } from '../../ui/button-style.ts'
import { EmptyState } from '../../ui/empty-state.tsx'
import { ErrorNotice } from '../api/error-notice.tsx'
import { overviewQuery, vaultQuery, type Overview } from '../overview/overview-query.ts'
import { useWorkplace } from '../shell/me.ts'
import { integrationsQuery, type Integration } from './integrations-query.ts'
import { ProviderLogo } from './provider-logo.tsx'

const number = new Intl.NumberFormat()

export function IntegrationsPage() {
  const { may } = useWorkplace()
  const { data: integrations, error, isPending } = useQuery(integrationsQuery)
  const { data: overview } = useQuery({ ...overviewQuery('24'), enabled: may('environment:activity:read') })
  const { data: vault } = useQuery({ ...vaultQuery, enabled: may('environment:settings:read') })
  const frozen = new Set(vault?.frozen.places.filter(({ what }) => what === 'integration').map(({ integration }) => integration))
  const counts = new Map(overview?.connections.by_integration.map((row) => [row.integration, row]))
  const mayCreate = may('environment:integrations:create')
  const add = mayCreate ? (
    <Link to="/integrations/new" className={buttonStyle('primary', 'normal')}>
      Add an integration
    </Link>
  ) : undefined
  return (
    <>
      <Title
        name="Integrations"
        about="One for each app that you registered at a provider: its credentials, and its rules."
        actions={add}
      />
      <ErrorNotice error={error} className="pb-4" />
      {isPending && <CardsSkeleton />}
      {integrations?.length === 0 && (
        <EmptyState title="No integrations yet" actions={add}>
          <p>
            An integration is a provider, such as Salesforce, with the client id and secret of your own app there. Your users’ connections
            are made through it.
          </p>
          {!mayCreate && <p>Your role may not add one. Ask a developer or an owner.</p>}
        </EmptyState>
      )}
      <ul className="grid gap-4 md:grid-cols-2 2xl:grid-cols-3">
        {integrations?.map((integration) => (
          <Card
            key={integration.unique_key}
            integration={integration}
            counts={overview && (counts.get(integration.unique_key) ?? { total: 0, broken: 0 })}
            isFrozen={frozen.has(integration.unique_key)}
          />
        ))}
      </ul>
    </>
  )
}

interface CardProps {
  integration: Integration
  counts: Pick<Overview['connections'], 'total' | 'broken'> | undefined
  isFrozen: boolean
}

function Card({ integration, counts, isFrozen }: CardProps) {
  return (
    <li className="relative flex min-h-28 flex-col justify-between gap-3 rounded-xl border border-line bg-card p-4 hover:border-edge has-focus-visible:outline-2 has-focus-visible:outline-ring">
      <div className="flex items-center gap-3">
        <ProviderLogo src={integration.logo} name={integration.display_name} />
        <div className="min-w-0">
          <Link
            to="/integrations/$integration"
            params={{ integration: integration.unique_key }}
            className="block truncate font-medium outline-none after:absolute after:inset-0"
          >
            {integration.display_name}
          </Link>
          <code className="block truncate font-mono text-xs text-soft">{integration.unique_key}</code>
        </div>
      </div>
      <div className="flex min-h-6 flex-wrap items-center gap-2 text-sm text-soft">
        {counts ? `${number.format(counts.total)} ${counts.total === 1 ? 'connection' : 'connections'}` : <Skeleton className="h-5 w-28" />}
        {counts !== undefined && counts.broken > 0 && <Badge tone="bad">{number.format(counts.broken)} need attention</Badge>}
        {isFrozen && <Badge tone="warn">Frozen</Badge>}
        {integration.app_migration?.state === 'announced' && <Badge tone="warn">App is being moved</Badge>}
      </div>
    </li>
  )
}

function CardsSkeleton() {
  return (
    <div className="grid gap-4 md:grid-cols-2 2xl:grid-cols-3">
      {[0, 1, 2].map((card) => (
        <Skeleton key={card} className="h-28" />
      ))}
    </div>
  )
}
