import { useState, type ReactNode } from 'react'
import { Button } from '../../ui/button.tsx'
import type { ButtonLook } from '../../ui/button-style.ts'
import { ErrorNotice } from '../api/error-notice.tsx'
import { PasswordField } from './password-field.tsx'

interface PasswordFormProps {
  email: string
  action: string
  look?: ButtonLook
  isBusy: boolean
  error: unknown
  onSubmit: (password: string) => void
  children: ReactNode
}

/** For steps that the server does only with the password. */
export function PasswordForm({ email, action, look = 'primary', isBusy, error, onSubmit, children }: PasswordFormProps) {
  const [password, setPassword] = useState('')
  return (
    <form
      className="flex flex-col gap-4"
      onSubmit={(event) => {
        event.preventDefault()
        if (password !== '' && !isBusy) onSubmit(password)
      }}
    >
      {children}
      <input type="hidden" autoComplete="username" value={email} readOnly />
      <PasswordField id="step-password" label="Your password" value={password} onChange={setPassword} autoFocus />
      <ErrorNotice error={error} />
      <div className="flex justify-end">
        <Button look={look} type="submit" busy={isBusy} unavailable={password === '' ? 'Enter your password first.' : undefined}>
          {action}
        </Button>
      </div>
    </form>
  )
}
