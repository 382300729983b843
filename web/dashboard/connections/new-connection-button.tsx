import { useMutation, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import Plus from 'lucide-react/icons/plus'
import { Button } from '../../ui/button.tsx'
import { ButtonLink } from '../../ui/button-link.tsx'
import { CopyLine } from '../../ui/copy-line.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { SelectField } from '../../ui/select-field.tsx'
import { TextField } from '../../ui/text-field.tsx'
import { TimeAgo } from '../../ui/time-ago.tsx'
import { call } from '../api/call.ts'
import { ErrorNotice } from '../api/error-notice.tsx'
import { integrationsQuery } from '../integrations/integrations-query.ts'
import { useWorkplace } from '../shell/me.ts'

/** Makes a connect link by hand, as a product's server would by its API key. */
export function NewConnectionButton({ integration }: { integration?: string }) {
  const [isOpen, setOpen] = useState(false)
  const { may } = useWorkplace()
  return (
    <>
      <Button
        look="primary"
        unavailable={
          may('environment:connect_sessions:write') ? undefined : 'Your role may look at connections, not make links for new ones.'
        }
        onClick={() => setOpen(true)}
      >
        <Plus aria-hidden="true" className="size-4" />
        New connection
      </Button>
      <Dialog isOpen={isOpen} onClose={() => setOpen(false)} title="Connect an account">
        {isOpen && <LinkForm integration={integration} />}
      </Dialog>
    </>
  )
}

function LinkForm({ integration }: { integration: string | undefined }) {
  const integrations = useQuery(integrationsQuery)
  const [user, setUser] = useState('')
  const [key, setKey] = useState(integration ?? '')
  const made = useMutation({
    mutationFn: () =>
      call('createConnectSession', { body: { end_user: { id: user.trim() }, ...(key === '' ? {} : { allowed_integrations: [key] }) } }),
  })
  if (made.data)
    return (
      <div className="flex flex-col gap-3">
        <p>
          Open the link, or send it to the person who has the account. It works for one person; it ends{' '}
          <TimeAgo at={made.data.data.expires_at} />.
        </p>
        <CopyLine value={made.data.data.connect_link} />
        <ButtonLink look="primary" href={made.data.data.connect_link} target="_blank">
          Open the link
        </ButtonLink>
      </div>
    )
  return (
    <form
      className="flex flex-col gap-4"
      onSubmit={(event) => {
        event.preventDefault()
        if (user.trim() !== '') made.mutate()
      }}
    >
      <TextField
        id="new-connection-user"
        label="Your user’s id"
        hint="As your product calls them. The connection is theirs."
        required
        value={user}
        onChange={setUser}
      />
      <SelectField
        id="new-connection-integration"
        label="Integration"
        value={key}
        onChange={setKey}
        options={[
          { value: '', label: 'Let them choose' },
          ...(integrations.data ?? []).map(({ unique_key, display_name }) => ({
            value: unique_key,
            label: `${display_name} (${unique_key})`,
          })),
        ]}
      />
      <ErrorNotice error={made.error} />
      <div className="flex justify-end">
        <Button look="primary" type="submit" busy={made.isPending} unavailable={user.trim() === '' ? 'Enter an id first.' : undefined}>
          Make the link
        </Button>
      </div>
    </form>
  )
}
