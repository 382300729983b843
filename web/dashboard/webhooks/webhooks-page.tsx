import { useInfiniteQuery } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { Button } from '../../ui/button.tsx'
import { Skeleton } from '../../ui/skeleton.tsx'
import { Tabs } from '../../ui/tabs.tsx'
import { Title } from '../../ui/title.tsx'
import { ErrorNotice } from '../api/error-notice.tsx'
import { compact } from '../logs/log-filters.ts'
import { useWorkplace } from '../shell/me.ts'
import { deliveriesQuery, deliveryFiltersOf, type DeliveryFilters } from './deliveries-query.ts'
import { DeliveriesTable } from './deliveries-table.tsx'
import { DeliveryFilterBar } from './delivery-filter-bar.tsx'
import { EndpointPanel } from './endpoint-panel.tsx'
import { NoDeliveries } from './no-deliveries.tsx'
import { ReplayFailedButton } from './replay-failed-button.tsx'
import { SigningKeyPanel } from './signing-key-panel.tsx'

type Tab = 'deliveries' | 'receive'

export function WebhooksPage() {
  const search = useSearch({ strict: false }) as Record<string, unknown>
  const filters = deliveryFiltersOf(search)
  const navigate = useNavigate()
  const { environment } = useWorkplace()
  const go = (next: DeliveryFilters) => void navigate({ to: '/webhooks', search: next as never, replace: true })
  const tab: Tab = search['tab'] === 'receive' ? 'receive' : 'deliveries'
  return (
    <>
      <Title name="Webhooks" about="What this server tells yours." actions={<ReplayFailedButton filters={filters} />} />
      <div className="flex flex-col gap-5">
        <EndpointPanel key={environment?.name} />
        <Tabs<Tab>
          label="Webhooks"
          value={tab}
          onChange={(next) => void navigate({ to: '/webhooks', search: (next === 'receive' ? { tab: next } : {}) as never })}
          tabs={[
            { value: 'deliveries', label: 'Deliveries', content: () => <Deliveries filters={filters} go={go} /> },
            { value: 'receive', label: 'Signing key and code', content: () => <SigningKeyPanel /> },
          ]}
        />
      </div>
    </>
  )
}

function Deliveries({ filters, go }: { filters: DeliveryFilters; go: (next: DeliveryFilters) => void }) {
  const list = useInfiniteQuery(deliveriesQuery(filters))
  const deliveries = list.data?.pages.flatMap((page) => page.deliveries) ?? []
  return (
    <div className={`flex flex-col gap-4 ${list.isPlaceholderData ? 'opacity-60' : ''}`}>
      <DeliveryFilterBar filters={filters} onChange={(changed) => go(compact({ ...filters, ...changed }))} onClear={() => go({})} />
      <ErrorNotice error={list.error} />
      {list.isPending && <Skeleton className="h-96" />}
      {list.data && deliveries.length === 0 && <NoDeliveries isFiltered={Object.keys(filters).length > 0} onClear={() => go({})} />}
      {deliveries.length > 0 && <DeliveriesTable deliveries={deliveries} />}
      {list.hasNextPage && (
        <div>
          <Button busy={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>
            Show earlier ones
          </Button>
        </div>
      )}
    </div>
  )
}
