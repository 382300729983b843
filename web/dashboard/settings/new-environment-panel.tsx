import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { Button } from '../../ui/button.tsx'
import { Panel } from '../../ui/panel.tsx'
import { TextField } from '../../ui/text-field.tsx'
import { call } from '../api/call.ts'
import { ErrorNotice } from '../api/error-notice.tsx'
import { chooseEnvironment, useWorkplace } from '../shell/me.ts'

const NAME = /^[a-z0-9_-]{1,64}$/

export function NewEnvironmentPanel() {
  const { me } = useWorkplace()
  const [name, setName] = useState('')
  const queries = useQueryClient()
  const make = useMutation({
    mutationFn: () => call('createEnvironment', { body: { name } }),
    onSuccess: async ({ data }) => {
      await queries.invalidateQueries({ queryKey: ['me'] })
      chooseEnvironment(data.name)
      setName('')
      await queries.resetQueries()
    },
  })
  const refusal = me.owner ? undefined : 'Only owners make environments.'
  const isWrong = name !== '' && !NAME.test(name)
  return (
    <Panel
      title="Another environment"
      about="With integrations, connections, keys and settings of its own; nothing is shared. It has no API key yet."
    >
      <form
        className="flex flex-wrap items-end gap-3"
        onSubmit={(event) => {
          event.preventDefault()
          if (NAME.test(name) && refusal === undefined && !make.isPending) make.mutate()
        }}
      >
        <div className="min-w-0 flex-1 basis-60">
          <TextField
            id="environment-name"
            label="Name"
            placeholder="staging"
            maxLength={64}
            readOnly={refusal !== undefined}
            error={isWrong ? 'Small letters, digits, - and _ only.' : undefined}
            value={name}
            onChange={setName}
          />
        </div>
        <Button
          type="submit"
          className="min-h-10.5"
          busy={make.isPending}
          unavailable={refusal ?? (NAME.test(name) ? undefined : 'Enter a name first.')}
        >
          Make it
        </Button>
      </form>
      <ErrorNotice error={make.error} className="mt-3" />
    </Panel>
  )
}
