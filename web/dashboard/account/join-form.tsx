import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { Button } from '../../ui/button.tsx'
import { TextField } from '../../ui/text-field.tsx'
import { ErrorNotice } from '../api/error-notice.tsx'
import { PasswordField } from './password-field.tsx'
import { PASSWORD_HINT, SHORTEST_PASSWORD } from './password-rules.ts'

export interface Joining {
  name: string
  email: string
  password: string
}

interface JoinFormProps {
  /** Undefined: to be typed. */
  email: string | undefined
  /** False: only the password is asked for. */
  withName?: boolean
  action: string
  join: (given: Joining) => Promise<unknown>
  onDone: () => void
}

/** Name, email address and password of somebody new, or a new password. */
export function JoinForm({ email: givenEmail, withName = true, action, join, onDone }: JoinFormProps) {
  const [name, setName] = useState('')
  const [email, setEmail] = useState(givenEmail ?? '')
  const [password, setPassword] = useState('')
  const joining = useMutation({ mutationFn: () => join({ name: name.trim(), email: email.trim(), password }), onSuccess: onDone })
  const isShort = password !== '' && [...password].length < SHORTEST_PASSWORD
  return (
    <form
      className="flex flex-col gap-4"
      onSubmit={(event) => {
        event.preventDefault()
        if (!isShort && !joining.isPending) joining.mutate()
      }}
    >
      {withName && (
        <TextField id="name" label="Your name" autoComplete="name" autoFocus required maxLength={200} value={name} onChange={setName} />
      )}
      <TextField
        id="email"
        label="Email address"
        type="email"
        autoComplete="username"
        required
        readOnly={givenEmail !== undefined}
        value={email}
        onChange={setEmail}
      />
      <PasswordField id="password" label="Password" kind="new" hint={PASSWORD_HINT} value={password} onChange={setPassword} />
      <ErrorNotice error={joining.error} />
      <Button
        look="primary"
        size="large"
        type="submit"
        busy={joining.isPending}
        unavailable={isShort ? 'The password is too short.' : undefined}
      >
        {action}
      </Button>
    </form>
  )
}
