import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { Button } from '../../ui/button.tsx'
import { Panel } from '../../ui/panel.tsx'
import { TextField } from '../../ui/text-field.tsx'
import { call } from '../api/call.ts'
import { ErrorNotice } from '../api/error-notice.tsx'
import { connectionInput, useRefetchConnection, type Connection, type ConnectionAddress } from './connection-query.ts'
import { TagRows, tagsFrom, type TagRow } from './tag-rows.tsx'

interface EndUserFormProps {
  address: ConnectionAddress
  connection: Connection
  refusal: string | undefined
}

/** Made from the person, and shown with her fields: not typed twice. */
const DERIVED = new Set(['end_user_id', 'end_user_email', 'end_user_display_name', 'organization_id', 'organization_display_name'])

const valuesOf = ({ end_user: user, tags }: Connection) => ({
  id: user?.id ?? '',
  name: user?.display_name ?? '',
  email: user?.email ?? '',
  tags: Object.entries(tags)
    .filter(([name]) => !DERIVED.has(name))
    .map(([name, value]): TagRow => ({ name, value })),
})

function isSamePerson(values: ReturnType<typeof valuesOf>, connection: Connection): boolean {
  const before = valuesOf(connection)
  return values.id === before.id && values.name === before.name && values.email === before.email
}

function hiddenTags({ tags }: Connection, isSame: boolean): Record<string, string> {
  return Object.fromEntries(Object.entries(tags).filter(([name]) => DERIVED.has(name) && (isSame || name.startsWith('organization_'))))
}

export function EndUserForm({ address, connection, refusal }: EndUserFormProps) {
  const refetch = useRefetchConnection()
  const [edited, setEdited] = useState<ReturnType<typeof valuesOf>>()
  const values = edited ?? valuesOf(connection)
  const change = (changed: Partial<typeof values>) => setEdited({ ...values, ...changed })
  const { tags, problem } = tagsFrom(values.tags)
  const isSame = isSamePerson(values, connection)
  const saved = useMutation({
    mutationFn: () =>
      call('updateConnection', {
        ...connectionInput(address),
        body: {
          // They replace all: those that the form does not show have to come along, but for those that follow from the person.
          tags: { ...hiddenTags(connection, isSame), ...tags },
          ...(values.id.trim() === '' || isSame
            ? {}
            : {
                end_user: {
                  id: values.id.trim(),
                  ...(values.name.trim() === '' ? {} : { display_name: values.name.trim() }),
                  ...(values.email.trim() === '' ? {} : { email: values.email.trim() }),
                  ...(connection.end_user?.tags ? { tags: connection.end_user.tags } : {}),
                },
              }),
        },
      }),
    onSuccess: async () => {
      await refetch()
      setEdited(undefined)
    },
  })
  return (
    <Panel title="User and tags" about="Lists are searched and filtered by these. Tags take part in the limits of API keys.">
      <form
        className="flex flex-col gap-4"
        onSubmit={(event) => {
          event.preventDefault()
          if (refusal === undefined && problem === undefined && edited) saved.mutate()
        }}
      >
        <TextField
          id="user-id"
          label="User’s id"
          hint={
            !isSame && connection.end_user?.organization
              ? 'A change of the person forgets the organisation; the next reconnect may name it again.'
              : undefined
          }
          value={values.id}
          readOnly={refusal !== undefined}
          onChange={(id) => change({ id })}
        />
        <TextField
          id="user-name"
          label="Name"
          note="optional"
          value={values.name}
          readOnly={refusal !== undefined}
          onChange={(name) => change({ name })}
        />
        <TextField
          id="user-email"
          type="email"
          label="Email"
          note="optional"
          value={values.email}
          readOnly={refusal !== undefined}
          onChange={(email) => change({ email })}
        />
        <TagRows rows={values.tags} problem={problem} isReadOnly={refusal !== undefined} onChange={(rows) => change({ tags: rows })} />
        <ErrorNotice error={saved.error} />
        <div className="flex flex-wrap items-center gap-2">
          <Button
            look="primary"
            type="submit"
            busy={saved.isPending}
            unavailable={refusal ?? problem ?? (edited ? undefined : 'Nothing was changed.')}
          >
            Save
          </Button>
          {edited && (
            <Button look="quiet" onClick={() => setEdited(undefined)}>
              Undo
            </Button>
          )}
          <span role="status" className="text-sm text-good">
            {saved.isSuccess && !edited && 'Saved.'}
          </span>
        </div>
      </form>
    </Panel>
  )
}
