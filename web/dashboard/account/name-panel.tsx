import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { Button } from '../../ui/button.tsx'
import { Panel } from '../../ui/panel.tsx'
import { TextField } from '../../ui/text-field.tsx'
import { call } from '../api/call.ts'
import { ErrorNotice } from '../api/error-notice.tsx'

export function NamePanel({ name: given }: { name: string }) {
  const [name, setName] = useState(given)
  const queries = useQueryClient()
  const save = useMutation({
    mutationFn: () => call('updateMe', { body: { name: name.trim() } }),
    onSuccess: () => queries.invalidateQueries({ queryKey: ['me'] }),
  })
  const isChanged = name.trim() !== given && name.trim() !== ''
  return (
    <Panel title="Name">
      <form
        className="flex flex-wrap items-end gap-3"
        onSubmit={(event) => {
          event.preventDefault()
          if (isChanged && !save.isPending) save.mutate()
        }}
      >
        <div className="min-w-0 flex-1 basis-60">
          <TextField id="my-name" label="Shown to others" autoComplete="name" required maxLength={200} value={name} onChange={setName} />
        </div>
        <Button type="submit" className="min-h-10.5" busy={save.isPending} unavailable={isChanged ? undefined : 'Nothing is changed.'}>
          Save
        </Button>
      </form>
      <ErrorNotice error={save.error} className="mt-3" />
    </Panel>
  )
}
