import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { Button } from '../../ui/button.tsx'
import { Notice } from '../../ui/notice.tsx'
import { Panel } from '../../ui/panel.tsx'
import { ApiError } from '../api/api-error.ts'
import { call } from '../api/call.ts'
import { ErrorNotice } from '../api/error-notice.tsx'
import { PasswordField } from './password-field.tsx'
import { PASSWORD_HINT } from './password-rules.ts'

export function PasswordPanel({ email }: { email: string }) {
  const [current, setCurrent] = useState('')
  const [wanted, setWanted] = useState('')
  const queries = useQueryClient()
  const change = useMutation({
    mutationFn: () => call('changePassword', { body: { current_password: current, new_password: wanted } }),
    onSuccess: () => {
      setCurrent('')
      setWanted('')
      return queries.invalidateQueries({ queryKey: ['my-sessions'] })
    },
  })
  const { error } = change
  const isWeak = error instanceof ApiError && error.code === 'weak_password'
  const isComplete = current !== '' && wanted !== ''
  return (
    <Panel title="Password" about="Changing it signs you out everywhere else.">
      <form
        className="flex max-w-md flex-col gap-4"
        onSubmit={(event) => {
          event.preventDefault()
          if (isComplete && !change.isPending) change.mutate()
        }}
      >
        <input type="hidden" autoComplete="username" value={email} readOnly />
        <PasswordField id="current-password" label="Current password" value={current} onChange={setCurrent} />
        <PasswordField
          id="new-password"
          label="New password"
          kind="new"
          hint={PASSWORD_HINT}
          error={isWeak ? error.message : undefined}
          value={wanted}
          onChange={setWanted}
        />
        <ErrorNotice error={isWeak ? undefined : error} />
        <div role="status" className="empty:absolute">
          {change.isSuccess && <Notice tone="good">The password is changed. Other sessions have ended.</Notice>}
        </div>
        <div>
          <Button type="submit" busy={change.isPending} unavailable={isComplete ? undefined : 'Fill in both passwords first.'}>
            Change the password
          </Button>
        </div>
      </form>
    </Panel>
  )
}
