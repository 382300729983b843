import { useMutation, useQueryClient } from '@tanstack/react-query'
import { call } from '../api/call.ts'
import { PasswordForm } from './password-form.tsx'

export function EndSecondFactor({ email, onDone }: { email: string; onDone: () => void }) {
  const queries = useQueryClient()
  const end = useMutation({
    mutationFn: (password: string) => call('endSecondFactor', { body: { password } }),
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: ['me'] })
      onDone()
    },
  })
  return (
    <PasswordForm email={email} action="Switch it off" look="danger" isBusy={end.isPending} error={end.error} onSubmit={end.mutate}>
      <p className="text-soft">From then on your password alone signs you in. Your recovery codes end, too.</p>
    </PasswordForm>
  )
}
