import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { Button } from '../../ui/button.tsx'
import { Notice } from '../../ui/notice.tsx'
import { call } from '../api/call.ts'
import { ErrorNotice } from '../api/error-notice.tsx'
import type { Person } from './members-page.tsx'
import { draftOf, rolesOf } from './roles-draft.ts'
import { RolesField } from './roles-field.tsx'

export function RolesForm({ person, isMe, onDone }: { person: Person; isMe: boolean; onDone: () => void }) {
  const queries = useQueryClient()
  const [draft, setDraft] = useState(() => draftOf(person.roles))
  const roles = rolesOf(draft)
  const save = useMutation({
    mutationFn: () => call('updatePerson', { params: { personId: person.id }, body: { roles } }),
    onSuccess: async () => {
      await Promise.all([queries.invalidateQueries({ queryKey: ['people'] }), isMe && queries.invalidateQueries({ queryKey: ['me'] })])
      onDone()
    },
  })
  const wasOwner = person.roles.some(({ role }) => role === 'owner')
  return (
    <form
      className="flex flex-col gap-4"
      onSubmit={(event) => {
        event.preventDefault()
        if (roles.length > 0 && !save.isPending) save.mutate()
      }}
    >
      <RolesField draft={draft} onChange={setDraft} />
      {isMe && wasOwner && !draft.isOwner && <Notice tone="warn">You give up being an owner. Another owner can give it back.</Notice>}
      <p className="text-sm text-soft">It holds within a second, for open sessions too.</p>
      <ErrorNotice error={save.error} />
      <div className="flex justify-end gap-2">
        <Button onClick={onDone}>Cancel</Button>
        <Button
          look="primary"
          type="submit"
          busy={save.isPending}
          unavailable={roles.length > 0 ? undefined : 'Choose a role first, or remove the person.'}
        >
          Save the roles
        </Button>
      </div>
    </form>
  )
}
