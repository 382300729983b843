import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { Button } from '../../ui/button.tsx'
import { TextField } from '../../ui/text-field.tsx'
import { call } from '../api/call.ts'
import { ErrorNotice } from '../api/error-notice.tsx'
import { useWorkplace } from '../shell/me.ts'
import { LinkToHandOver } from './link-to-hand-over.tsx'
import { rolesOf, type RolesDraft } from './roles-draft.ts'
import { RolesField } from './roles-field.tsx'

export function InviteForm({ onDone }: { onDone: () => void }) {
  const { environment } = useWorkplace()
  const queries = useQueryClient()
  const [email, setEmail] = useState('')
  const [draft, setDraft] = useState<RolesDraft>({
    isOwner: false,
    everywhere: '',
    own: environment ? { [environment.name]: 'developer' } : {},
  })
  const roles = rolesOf(draft)
  const invite = useMutation({
    mutationFn: () => call('createInvitation', { body: { email: email.trim(), roles } }),
    onSuccess: () => queries.invalidateQueries({ queryKey: ['invitations'] }),
  })
  const made = invite.data?.data
  if (made) return <LinkToHandOver url={made.url} expiresAt={made.expires_at} to={made.email} onDone={onDone} />
  const missing = email.trim() === '' ? 'Enter an address first.' : roles.length === 0 ? 'Choose a role first.' : undefined
  return (
    <form
      className="flex flex-col gap-4"
      onSubmit={(event) => {
        event.preventDefault()
        if (missing === undefined && !invite.isPending) invite.mutate()
      }}
    >
      <TextField
        id="invite-email"
        label="Email address"
        hint="You get a link to hand over; no mail is sent."
        type="email"
        required
        value={email}
        onChange={setEmail}
      />
      <RolesField draft={draft} onChange={setDraft} />
      <ErrorNotice error={invite.error} />
      <div className="flex justify-end gap-2">
        <Button onClick={onDone}>Cancel</Button>
        <Button look="primary" type="submit" busy={invite.isPending} unavailable={missing}>
          Make the invitation
        </Button>
      </div>
    </form>
  )
}
