import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { Button } from '../../ui/button.tsx'
import { TextField } from '../../ui/text-field.tsx'
import { ApiError } from '../api/api-error.ts'
import { call } from '../api/call.ts'
import { ErrorNotice } from '../api/error-notice.tsx'
import { CodeField } from './code-field.tsx'

/** The end of a sign-in: the app's code, or one of the recovery codes. */
export function SecondFactorForm({ onSignedIn, onStartOver }: { onSignedIn: () => void; onStartOver: () => void }) {
  const [way, setWay] = useState<'code' | 'recovery'>('code')
  const [code, setCode] = useState('')
  const [recovery, setRecovery] = useState('')
  const enter = useMutation({
    mutationFn: () => call('enterSecondFactor', { body: way === 'code' ? { code } : { recovery_code: recovery.trim() } }),
    onSuccess: onSignedIn,
  })
  const isComplete = way === 'code' ? code.length === 6 : recovery.trim().length >= 5
  const isOver = enter.error instanceof ApiError && enter.error.code === 'not_signed_in'
  return (
    <form
      className="flex flex-col gap-4"
      onSubmit={(event) => {
        event.preventDefault()
        if (isComplete && !enter.isPending) enter.mutate()
      }}
    >
      {way === 'code' ? (
        <CodeField id="code" value={code} onChange={setCode} autoFocus />
      ) : (
        <TextField
          id="recovery-code"
          label="Recovery code"
          hint="One of those that you kept when you set the app up. Each works once."
          className="font-mono"
          autoFocus
          required
          value={recovery}
          onChange={setRecovery}
        />
      )}
      <ErrorNotice error={enter.error} />
      <Button
        look="primary"
        size="large"
        type="submit"
        busy={enter.isPending}
        unavailable={isComplete ? undefined : 'Enter the whole code first.'}
      >
        Sign in
      </Button>
      <div className="flex flex-wrap justify-between gap-2">
        <Button
          look="quiet"
          size="small"
          onClick={() => {
            enter.reset()
            setWay(way === 'code' ? 'recovery' : 'code')
          }}
        >
          {way === 'code' ? 'I do not have the app here' : 'Use the app instead'}
        </Button>
        <Button look={isOver ? 'plain' : 'quiet'} size="small" onClick={onStartOver}>
          Start over
        </Button>
      </div>
    </form>
  )
}
