import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { Button } from '../../ui/button.tsx'
import { CopyLine } from '../../ui/copy-line.tsx'
import { Notice } from '../../ui/notice.tsx'
import { call } from '../api/call.ts'
import { ErrorNotice } from '../api/error-notice.tsx'
import { CodeField } from './code-field.tsx'
import { PasswordForm } from './password-form.tsx'
import { QrCode } from './qr-code.tsx'
import { RecoveryCodes } from './recovery-codes.tsx'

/** Password → scan → first code → recovery codes. Until the first code is right, nothing changes at the sign-in. */
export function SecondFactorSetup({ email, onDone }: { email: string; onDone: () => void }) {
  const queries = useQueryClient()
  const [code, setCode] = useState('')
  const begin = useMutation({ mutationFn: (password: string) => call('beginSecondFactor', { body: { password } }) })
  const finish = useMutation({ mutationFn: () => call('finishSecondFactor', { body: { code } }) })
  const made = begin.data?.data
  const close = () => {
    onDone()
    void queries.invalidateQueries({ queryKey: ['me'] })
    void queries.invalidateQueries({ queryKey: ['my-sessions'] })
  }
  if (!made)
    return (
      <PasswordForm email={email} action="Continue" isBusy={begin.isPending} error={begin.error} onSubmit={begin.mutate}>
        <p className="text-soft">You need an authenticator app: that of your password manager, your phone’s own, or any other (TOTP).</p>
      </PasswordForm>
    )
  if (finish.isSuccess)
    return (
      <div className="flex flex-col gap-4">
        <div role="status">
          <Notice tone="good">It is on. From now on the sign-in asks for a code. Your other sessions have ended.</Notice>
        </div>
        <RecoveryCodes codes={made.recovery_codes} email={email} />
        <div className="flex justify-end">
          <Button look="primary" onClick={close}>
            I have kept the codes
          </Button>
        </div>
      </div>
    )
  return (
    <form
      className="flex flex-col gap-4"
      onSubmit={(event) => {
        event.preventDefault()
        if (code.length === 6 && !finish.isPending) finish.mutate()
      }}
    >
      <p>Scan this with the app. Then enter the code that it shows.</p>
      <div className="self-center">
        <QrCode text={made.uri} label="QR code for an authenticator app; the secret stands below as text" />
      </div>
      <details className="text-sm">
        <summary className="cursor-pointer text-link">The app cannot scan?</summary>
        <div className="mt-2 flex flex-col gap-2">
          <p>Enter this secret in the app by hand (time-based, six digits):</p>
          <CopyLine value={made.secret} />
        </div>
      </details>
      <CodeField id="first-code" label="Code that the app shows" value={code} onChange={setCode} />
      <ErrorNotice error={finish.error} />
      <div className="flex justify-end">
        <Button
          look="primary"
          type="submit"
          busy={finish.isPending}
          unavailable={code.length === 6 ? undefined : 'Enter the six digits first.'}
        >
          Switch it on
        </Button>
      </div>
    </form>
  )
}
