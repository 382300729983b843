import { useMutation } from '@tanstack/react-query'
import { Button } from '../../ui/button.tsx'
import { call } from '../api/call.ts'
import { ErrorNotice } from '../api/error-notice.tsx'
import { LinkToHandOver } from './link-to-hand-over.tsx'
import type { Person } from './members-page.tsx'

export function PasswordLinkForm({ person, onDone }: { person: Person; onDone: () => void }) {
  const make = useMutation({ mutationFn: () => call('createPasswordLink', { params: { personId: person.id } }) })
  const made = make.data?.data
  if (made) return <LinkToHandOver url={made.url} expiresAt={made.expires_at} to={person.email} onDone={onDone} />
  return (
    <div className="flex flex-col gap-4">
      <p>
        For somebody who lost the password or the phone. Whoever opens the link sets a new password; the second step is off until it is set
        up again, and all other sessions end.
      </p>
      <ErrorNotice error={make.error} />
      <div className="flex justify-end gap-2">
        <Button onClick={onDone}>Cancel</Button>
        <Button look="primary" busy={make.isPending} onClick={() => make.mutate()}>
          Make the link
        </Button>
      </div>
    </div>
  )
}
