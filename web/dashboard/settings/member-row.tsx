import { useState } from 'react'
import { Badge } from '../../ui/badge.tsx'
import { Button } from '../../ui/button.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { TimeAgo } from '../../ui/time-ago.tsx'
import { roleText } from '../account/role-words.ts'
import type { Person } from './members-page.tsx'
import { PasswordLinkForm } from './password-link-form.tsx'
import { RemovePersonDialog } from './remove-person-dialog.tsx'
import { RolesForm } from './roles-form.tsx'

type Open = 'roles' | 'link' | 'remove'

export function MemberRow({ person, isMe }: { person: Person; isMe: boolean }) {
  const [open, setOpen] = useState<Open>()
  const close = () => setOpen(undefined)
  const name = person.name || person.email
  return (
    <li className="flex flex-wrap items-center justify-between gap-x-4 gap-y-2 py-3 first:pt-0 last:pb-0">
      <div className="min-w-0">
        <p className="flex flex-wrap items-center gap-2">
          <span className="font-medium wrap-anywhere">{name}</span>
          {isMe && <Badge>You</Badge>}
          {person.ways.includes('password') && !person.second_factor && <Badge tone="warn">No second step</Badge>}
        </p>
        <p className="text-sm wrap-anywhere text-soft">
          {person.email} · {person.roles.map(roleText).join(', ') || 'no role'} ·{' '}
          {person.last_seen_at === null ? (
            'never seen'
          ) : (
            <>
              seen <TimeAgo at={person.last_seen_at} />
            </>
          )}
        </p>
      </div>
      <div className="flex flex-wrap gap-2">
        <Button size="small" aria-label={`Change the roles of ${name}`} onClick={() => setOpen('roles')}>
          Roles
        </Button>
        {!isMe && (
          <>
            <Button size="small" aria-label={`Make a password link for ${name}`} onClick={() => setOpen('link')}>
              Password link
            </Button>
            <Button size="small" aria-label={`Remove ${name}`} onClick={() => setOpen('remove')}>
              Remove
            </Button>
          </>
        )}
      </div>
      <Dialog isOpen={open === 'roles'} onClose={close} title={`Roles of ${name}`}>
        {open === 'roles' && <RolesForm person={person} isMe={isMe} onDone={close} />}
      </Dialog>
      <Dialog isOpen={open === 'link'} onClose={close} title={`A new password for ${name}`}>
        {open === 'link' && <PasswordLinkForm person={person} onDone={close} />}
      </Dialog>
      <RemovePersonDialog person={person} isOpen={open === 'remove'} onClose={close} />
    </li>
  )
}
