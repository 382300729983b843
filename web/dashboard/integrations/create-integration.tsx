import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { Button } from '../../ui/button.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { TextField } from '../../ui/text-field.tsx'
import { call } from '../api/call.ts'
import { ErrorNotice } from '../api/error-notice.tsx'
import { useWorkplace } from '../shell/me.ts'
import { integrationsQuery, type Provider } from './integrations-query.ts'

const KEY = /^[a-zA-Z0-9~:.@ _-]{1,255}$/

/** A name and a key; credentials come on the page of the integration, where the way to them is told. */
export function CreateIntegration({ provider, onClose }: { provider: Provider | undefined; onClose: () => void }) {
  const { may } = useWorkplace()
  const navigate = useNavigate()
  const queries = useQueryClient()
  const { data: existing } = useQuery(integrationsQuery)
  const taken = new Set(existing?.map(({ unique_key: key }) => key))
  const [typedKey, setKey] = useState<string>()
  const [name, setName] = useState(provider?.display_name ?? '')
  const key = typedKey ?? freeKey(provider?.name ?? '', taken)
  const made = useMutation({
    mutationFn: () =>
      call('createQuickstartIntegration', {
        body: { provider: provider?.name ?? '', unique_key: key, ...(name.trim() === '' ? {} : { display_name: name.trim() }) },
      }),
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: ['integrations'] })
      await navigate({ to: '/integrations/$integration', params: { integration: key } })
    },
  })
  const problem = !KEY.test(key)
    ? 'Only letters, digits, spaces and ~ : . @ _ - are allowed.'
    : taken.has(key)
      ? 'There is one with this key already.'
      : undefined
  const refusal = may('environment:integrations:create') ? undefined : 'Your role may not add integrations.'
  return (
    <Dialog
      isOpen={provider !== undefined}
      onClose={onClose}
      title={`Add ${provider?.display_name ?? ''}`}
      actions={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button look="primary" type="submit" form="create-integration" busy={made.isPending} unavailable={refusal ?? problem}>
            Add it
          </Button>
        </>
      }
    >
      <form
        id="create-integration"
        className="flex flex-col gap-4"
        onSubmit={(event) => {
          event.preventDefault()
          if (refusal === undefined && problem === undefined) made.mutate()
        }}
      >
        <TextField
          id="integration-key"
          label="Key"
          hint="Your code names the integration by it."
          error={typedKey === undefined ? undefined : problem}
          value={key}
          onChange={setKey}
        />
        <TextField
          id="integration-name"
          label="Name"
          hint="Your users see it when they choose what to connect."
          value={name}
          onChange={setName}
        />
        <ErrorNotice error={made.error} />
      </form>
    </Dialog>
  )
}

function freeKey(wanted: string, taken: ReadonlySet<string>): string {
  if (!taken.has(wanted)) return wanted
  for (let number = 2; number <= taken.size + 2; number += 1) if (!taken.has(`${wanted}-${number}`)) return `${wanted}-${number}`
  return wanted
}
