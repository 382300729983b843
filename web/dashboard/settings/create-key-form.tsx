import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import type { Scope } from '@hawser/api/scopes.ts'
import { scopes as everyScope } from '@hawser/api/scopes.ts'
import { Button } from '../../ui/button.tsx'
import { TextField } from '../../ui/text-field.tsx'
import { call } from '../api/call.ts'
import { ErrorNotice } from '../api/error-notice.tsx'
import { useWorkplace } from '../shell/me.ts'
import { ExpiryField, expiryOf } from './expiry-field.tsx'
import { draftFault, limitsOf, noLimits } from './limits-draft.ts'
import { LimitsFields } from './limits-fields.tsx'
import { ScopesField } from './scopes-field.tsx'
import { presets } from './scope-words.ts'
import { ShownOnce } from './shown-once.tsx'

export function CreateKeyForm({ onDone }: { onDone: () => void }) {
  const { may } = useWorkplace()
  const queries = useQueryClient()
  const [name, setName] = useState('')
  const [chosen, setChosen] = useState<readonly Scope[]>(presets[0]!.scopes.filter(may))
  const [limits, setLimits] = useState(noLimits)
  const [days, setDays] = useState('')
  const create = useMutation({
    mutationFn: () => {
      const asked = limitsOf(limits)
      return call('createApiKey', {
        body: {
          display_name: name.trim(),
          // A key for everything also has what later versions add.
          scopes: chosen.length === everyScope.length ? ['environment:*'] : [...chosen],
          ...(asked ? { limits: asked } : {}),
          ...expiryOf(days, Date.now()),
        },
      })
    },
    onSuccess: () => queries.invalidateQueries({ queryKey: ['api-keys'] }),
  })
  const missing =
    name.trim() === '' ? 'Enter a name first.' : chosen.length === 0 ? 'Choose what it may do first.' : draftFault(limits)?.message
  if (create.data) return <ShownOnce what="key" secret={create.data.data.secret} onDone={onDone} />
  return (
    <form
      className="flex flex-col gap-4"
      onSubmit={(event) => {
        event.preventDefault()
        if (missing === undefined && !create.isPending) create.mutate()
      }}
    >
      <TextField
        id="key-name"
        label="Name"
        hint="Where it will be used, so that you recognise it in a year."
        placeholder="billing worker"
        maxLength={255}
        required
        value={name}
        onChange={setName}
      />
      <ScopesField chosen={chosen} onChange={setChosen} />
      <LimitsFields draft={limits} onChange={setLimits} />
      <ExpiryField value={days} onChange={setDays} />
      <ErrorNotice error={create.error} />
      <div className="flex justify-end gap-2">
        <Button onClick={onDone}>Cancel</Button>
        <Button look="primary" type="submit" busy={create.isPending} unavailable={missing}>
          Make the key
        </Button>
      </div>
    </form>
  )
}
