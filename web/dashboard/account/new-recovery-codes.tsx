import { useMutation } from '@tanstack/react-query'
import { Button } from '../../ui/button.tsx'
import { call } from '../api/call.ts'
import { PasswordForm } from './password-form.tsx'
import { RecoveryCodes } from './recovery-codes.tsx'

export function NewRecoveryCodes({ email, onDone }: { email: string; onDone: () => void }) {
  const renew = useMutation({ mutationFn: (password: string) => call('renewRecoveryCodes', { body: { password } }) })
  if (!renew.data)
    return (
      <PasswordForm email={email} action="Make new codes" isBusy={renew.isPending} error={renew.error} onSubmit={renew.mutate}>
        <p className="text-soft">The codes that you have kept stop working at once.</p>
      </PasswordForm>
    )
  return (
    <div className="flex flex-col gap-4">
      <RecoveryCodes codes={renew.data.data.recovery_codes} email={email} />
      <div className="flex justify-end">
        <Button look="primary" onClick={onDone}>
          I have kept the codes
        </Button>
      </div>
    </div>
  )
}
