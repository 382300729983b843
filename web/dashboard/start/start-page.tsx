import { useQuery } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { useState } from 'react'
import { Skeleton } from '../../ui/skeleton.tsx'
import { Title } from '../../ui/title.tsx'
import { ErrorNotice } from '../api/error-notice.tsx'
import { integrationsQuery } from '../integrations/integrations-query.ts'
import { CallStep } from './call-step.tsx'
import { CodeStep } from './code-step.tsx'
import { ConnectStep } from './connect-step.tsx'
import { IntegrationStep } from './integration-step.tsx'
import { NextStep } from './next-step.tsx'
import { PRACTICE } from './practice.ts'
import { useFirstConnection } from './use-first-connection.ts'

/** From the first start to the first proxied call. What is done already is read from the server, so the page can be left and opened again. */
export function StartPage() {
  const search: Record<string, unknown> = useSearch({ strict: false })
  const navigate = useNavigate()
  const integrations = useQuery(integrationsQuery)
  const [hasCalled, setCalled] = useState(false)
  const all = integrations.data ?? []
  const chosen =
    all.find(({ unique_key: key }) => key === search['integration']) ?? all.find(({ unique_key: key }) => key === PRACTICE) ?? all[0]
  const { connection, error, watch } = useFirstConnection(chosen?.unique_key)
  const hasPractice = all.some(({ unique_key: key }) => key === PRACTICE)
  const current = !chosen ? 1 : !connection ? 2 : !hasCalled ? 3 : 4
  return (
    <div className="max-w-3xl">
      <Title
        name="Getting started"
        about={
          hasPractice
            ? 'To your first call in two minutes. A practice org runs beside the server, so you need no Salesforce account.'
            : 'From a provider to your first call.'
        }
      />
      <ErrorNotice error={integrations.error ?? error} className="mb-5" />
      {integrations.isPending ? (
        <Skeleton className="h-[36rem]" />
      ) : (
        <ol className="flex flex-col gap-4">
          <IntegrationStep
            isCurrent={current === 1}
            integrations={all}
            chosen={chosen}
            onChoose={(integration) => void navigate({ to: '/start', search: { integration }, replace: true })}
          />
          <ConnectStep key={chosen?.unique_key} isCurrent={current === 2} integration={chosen} connection={connection} onOpened={watch} />
          <CallStep
            key={connection?.connection_id}
            isCurrent={current === 3}
            integration={chosen}
            connection={connection}
            isDone={hasCalled}
            onCalled={() => setCalled(true)}
          />
          <CodeStep isCurrent={current === 4} integration={chosen} connection={connection} />
          <NextStep isCurrent={false} hasPractice={hasPractice} integration={chosen} />
        </ol>
      )}
    </div>
  )
}
