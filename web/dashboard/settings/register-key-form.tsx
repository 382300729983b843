import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { Button } from '../../ui/button.tsx'
import { TextAreaField } from '../../ui/text-area-field.tsx'
import { TextField } from '../../ui/text-field.tsx'
import { call } from '../api/call.ts'
import { ErrorNotice } from '../api/error-notice.tsx'
import { ExpiryField, expiryOf } from './expiry-field.tsx'
import { draftFault, limitsOf, noLimits } from './limits-draft.ts'
import { LimitsFields } from './limits-fields.tsx'
import { publicKeyOf } from './public-key-text.ts'

export function RegisterKeyForm({ onDone }: { onDone: () => void }) {
  const queries = useQueryClient()
  const [name, setName] = useState('')
  const [text, setText] = useState('')
  const [limits, setLimits] = useState(noLimits)
  const [days, setDays] = useState('')
  const key = publicKeyOf(text)
  const register = useMutation({
    mutationFn: () => {
      const asked = limitsOf(limits)
      return call('createSigningKey', {
        body: {
          display_name: name.trim(),
          public_key: key.value ?? '',
          ...(asked ? { limits: asked } : {}),
          ...expiryOf(days, Date.now()),
        },
      })
    },
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: ['signing-keys'] })
      onDone()
    },
  })
  const missing =
    name.trim() === '' ? 'Enter a name first.' : (key.fault ?? (key.value ? draftFault(limits)?.message : 'Paste the key first.'))
  return (
    <form
      className="flex flex-col gap-4"
      onSubmit={(event) => {
        event.preventDefault()
        if (missing === undefined && !register.isPending) register.mutate()
      }}
    >
      <TextField id="signing-name" label="Name" placeholder="production backend" maxLength={255} required value={name} onChange={setName} />
      <TextAreaField
        id="signing-key"
        label="Public key"
        hint="PEM or JWK: RSA of 2048 bits or more, P-256, or Ed25519."
        placeholder="-----BEGIN PUBLIC KEY-----"
        rows={6}
        required
        error={key.fault}
        value={text}
        onChange={setText}
      />
      <LimitsFields draft={limits} onChange={setLimits} />
      <ExpiryField value={days} onChange={setDays} />
      <ErrorNotice error={register.error} />
      <div className="flex justify-end gap-2">
        <Button onClick={onDone}>Cancel</Button>
        <Button look="primary" type="submit" busy={register.isPending} unavailable={missing}>
          Register it
        </Button>
      </div>
    </form>
  )
}
