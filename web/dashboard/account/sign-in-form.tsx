import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { Button } from '../../ui/button.tsx'
import { TextField } from '../../ui/text-field.tsx'
import { call } from '../api/call.ts'
import { ErrorNotice } from '../api/error-notice.tsx'
import { PasswordField } from './password-field.tsx'

export function SignInForm({ onSignedIn, onSecondFactor }: { onSignedIn: () => void; onSecondFactor: () => void }) {
  const [email, setEmail] = useState('')
  const [password, setPassword] = useState('')
  const signIn = useMutation({
    mutationFn: () => call('signIn', { body: { email: email.trim(), password } }),
    onSuccess: ({ data }) => (data.second_factor ? onSecondFactor() : onSignedIn()),
  })
  return (
    <form
      className="flex flex-col gap-4"
      onSubmit={(event) => {
        event.preventDefault()
        if (!signIn.isPending) signIn.mutate()
      }}
    >
      <TextField
        id="email"
        label="Email address"
        type="email"
        inputMode="email"
        autoComplete="username"
        autoFocus
        required
        value={email}
        onChange={setEmail}
      />
      <PasswordField
        id="password"
        label="Password"
        hint="Forgotten? An owner can make you a link for a new one."
        value={password}
        onChange={setPassword}
      />
      <ErrorNotice error={signIn.error} />
      <Button look="primary" size="large" type="submit" busy={signIn.isPending}>
        Sign in
      </Button>
    </form>
  )
}
