import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { CodeBlock } from '../../ui/code-block.tsx'
import { Tabs } from '../../ui/tabs.tsx'
import { apiBase } from '../api/call.ts'
import { isSalesforce, providersQuery, type Integration } from '../integrations/integrations-query.ts'
import { browserSample, curlSample, firstPath, nodeSample } from './code-samples.ts'
import { OwnKey } from './own-key.tsx'
import { Step } from './step.tsx'
import type { StartConnection } from './use-first-connection.ts'

interface CodeStepProps {
  isCurrent: boolean
  integration: Integration | undefined
  connection: StartConnection | undefined
}

export function CodeStep({ isCurrent, integration, connection }: CodeStepProps) {
  const [apiKey, setApiKey] = useState('')
  const [tab, setTab] = useState<'curl' | 'node' | 'browser'>('curl')
  const providers = useQuery(providersQuery)
  const provider = providers.data?.find(({ name }) => name === integration?.provider)
  const facts = {
    host: apiBase,
    apiKey,
    integration: integration?.unique_key ?? '',
    connection: connection?.connection_id ?? '',
    path: firstPath(isSalesforce(provider)),
  }
  return (
    <Step
      number={4}
      title="The same from your code"
      isDone={false}
      isCurrent={isCurrent}
      waitsFor={connection ? undefined : 'Needs a connection first.'}
    >
      <OwnKey value={apiKey} onChange={setApiKey} />
      <Tabs
        label="Languages"
        value={tab}
        onChange={setTab}
        tabs={[
          { value: 'curl', label: 'curl', content: () => <CodeBlock label="In a shell" text={curlSample(facts)} /> },
          { value: 'node', label: '@hawser/node', content: () => <CodeBlock label="On your server" text={nodeSample(facts)} /> },
          { value: 'browser', label: '@hawser/browser', content: () => <CodeBlock label="In your product" text={browserSample(facts)} /> },
        ]}
      />
    </Step>
  )
}
