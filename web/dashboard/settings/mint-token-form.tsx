import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { Button } from '../../ui/button.tsx'
import { SelectField } from '../../ui/select-field.tsx'
import { TextField } from '../../ui/text-field.tsx'
import { call } from '../api/call.ts'
import { ErrorNotice } from '../api/error-notice.tsx'
import { integrationsQuery } from '../integrations/integrations-query.ts'
import { draftFault, limitsOf, noLimits } from './limits-draft.ts'
import { LimitsFields } from './limits-fields.tsx'
import { ShownOnce } from './shown-once.tsx'

const LIVES = [
  ['900', '15 minutes'],
  ['3600', 'An hour'],
  ['28800', '8 hours'],
  ['86400', 'A day'],
] as const
const OFFERED = 50

export function MintTokenForm({ onDone }: { onDone: () => void }) {
  const queries = useQueryClient()
  const integrations = useQuery(integrationsQuery)
  const [chosen, setIntegration] = useState<string>()
  const [connection, setConnection] = useState('')
  const [name, setName] = useState('')
  const [life, setLife] = useState<string>('900')
  const [limits, setLimits] = useState(noLimits)
  const integration = chosen ?? integrations.data?.[0]?.unique_key ?? ''
  const offered = useQuery({
    queryKey: ['connections', 'offered', integration],
    queryFn: ({ signal }) => call('listConnections', { query: { integrationId: integration, limit: OFFERED, total: false } }, signal),
    select: ({ connections }) => connections,
    enabled: integration !== '',
  })
  const mint = useMutation({
    mutationFn: () => {
      const { methods, paths } = limitsOf(limits) ?? {}
      return call('createConnectionToken', {
        params: { connectionId: connection.trim() },
        query: { provider_config_key: integration },
        body: {
          expires_in: Number(life),
          ...(name.trim() === '' ? {} : { display_name: name.trim() }),
          ...(methods ? { methods } : {}),
          ...(paths ? { paths } : {}),
        },
      })
    },
    onSuccess: () => queries.invalidateQueries({ queryKey: ['connection-tokens'] }),
  })
  const missing =
    integration === ''
      ? 'There is no integration yet.'
      : connection.trim() === ''
        ? 'Name a connection first.'
        : draftFault(limits)?.message
  if (mint.data) return <ShownOnce what="token" secret={mint.data.data.token} onDone={onDone} />
  return (
    <form
      className="flex flex-col gap-4"
      onSubmit={(event) => {
        event.preventDefault()
        if (missing === undefined && !mint.isPending) mint.mutate()
      }}
    >
      <p className="text-soft">It ends when you sign out, too. Tokens for your product are made by your server, with its API key.</p>
      <SelectField
        id="token-integration"
        label="Integration"
        value={integration}
        onChange={setIntegration}
        options={(integrations.data ?? []).map(({ unique_key: key, display_name: text }) => ({ value: key, label: `${text} (${key})` }))}
      />
      <TextField
        id="token-connection"
        label="Connection id"
        list="token-connections"
        required
        className="font-mono"
        value={connection}
        onChange={setConnection}
      />
      <datalist id="token-connections">
        {offered.data?.map(({ connection_id: id, end_user: user }) => (
          <option key={id} value={id} label={user?.display_name ?? user?.email ?? user?.id ?? ''} />
        ))}
      </datalist>
      <TextField
        id="token-name"
        label="Name"
        note="optional"
        placeholder="query of last night"
        maxLength={255}
        value={name}
        onChange={setName}
      />
      <SelectField
        id="token-life"
        label="Good for"
        value={life}
        onChange={setLife}
        options={LIVES.map(([value, label]) => ({ value, label }))}
      />
      <LimitsFields draft={limits} onChange={setLimits} callsOnly />
      <ErrorNotice error={mint.error} />
      <div className="flex justify-end gap-2">
        <Button onClick={onDone}>Cancel</Button>
        <Button look="primary" type="submit" busy={mint.isPending} unavailable={missing}>
          Make the token
        </Button>
      </div>
    </form>
  )
}
