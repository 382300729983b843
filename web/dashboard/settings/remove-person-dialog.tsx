import { useMutation, useQueryClient } from '@tanstack/react-query'
import { TypedNameDialog } from '../../ui/typed-name-dialog.tsx'
import { call } from '../api/call.ts'
import { ErrorNotice } from '../api/error-notice.tsx'
import type { Person } from './members-page.tsx'

export function RemovePersonDialog({ person, isOpen, onClose }: { person: Person; isOpen: boolean; onClose: () => void }) {
  const queries = useQueryClient()
  const remove = useMutation({
    mutationFn: () => call('deletePerson', { params: { personId: person.id } }),
    onSuccess: async () => {
      onClose()
      await queries.invalidateQueries({ queryKey: ['people'] })
    },
  })
  return (
    <TypedNameDialog
      isOpen={isOpen}
      onClose={onClose}
      title={`Remove ${person.name || person.email}?`}
      name={person.email}
      action="Remove"
      isBusy={remove.isPending}
      onConfirm={() => remove.mutate()}
    >
      <p>
        All sessions end at once, and connection tokens made in them. API keys that the person has seen go on: revoke those by themselves.
      </p>
      <ErrorNotice error={remove.error} />
    </TypedNameDialog>
  )
}
