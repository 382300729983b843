/** Asks for the password once more when a call is refused with `confirm_identity`; the call is repeated then (`api/call.ts`). */
import { useMutation, useQuery } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import { Button } from '../../ui/button.tsx'
import { ButtonLink } from '../../ui/button-link.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { Notice } from '../../ui/notice.tsx'
import { ApiError } from '../api/api-error.ts'
import { call, onConfirmIdentity } from '../api/call.ts'
import { ErrorNotice } from '../api/error-notice.tsx'
import type { Me } from '../shell/me.ts'
import { CodeField } from './code-field.tsx'
import { PasswordField } from './password-field.tsx'
import { waysQuery } from './ways-query.ts'

interface Asked {
  resolve: () => void
  reject: (error: Error) => void
}

/** Stands once, in the shell. Calls that are refused while it is open wait for the same answer. */
export function ConfirmIdentity({ me }: { me: Me }) {
  const [asked, setAsked] = useState<readonly Asked[]>([])
  useEffect(() => {
    onConfirmIdentity(() => new Promise((resolve, reject) => setAsked((before) => [...before, { resolve, reject }])))
  }, [])
  const end = (settle: (one: Asked) => void) => {
    asked.forEach(settle)
    setAsked([])
  }
  const giveUp = () =>
    end(({ reject }) => reject(new ApiError(403, 'not_confirmed', 'Nothing was done: you did not confirm that it is you.')))
  const isOpen = asked.length > 0
  return (
    <Dialog isOpen={isOpen} onClose={giveUp} title="Confirm that it is you">
      {isOpen &&
        (me.ways.includes('password') ? <ByPassword me={me} onDone={() => end(({ resolve }) => resolve())} onClose={giveUp} /> : <BySso />)}
    </Dialog>
  )
}

function ByPassword({ me, onDone, onClose }: { me: Me; onDone: () => void; onClose: () => void }) {
  const [password, setPassword] = useState('')
  const [code, setCode] = useState('')
  const confirm = useMutation({
    mutationFn: () => call('confirmIdentity', { body: { password, ...(me.second_factor ? { code } : {}) } }),
    onSuccess: onDone,
  })
  const isComplete = password !== '' && (!me.second_factor || /^\d{6}$/.test(code))
  return (
    <form
      className="flex flex-col gap-4"
      onSubmit={(event) => {
        event.preventDefault()
        if (isComplete && !confirm.isPending) confirm.mutate()
      }}
    >
      <p className="text-soft">This shows a secret or changes who may do what. For the next 15 minutes you will not be asked again.</p>
      <input type="hidden" autoComplete="username" value={me.email} readOnly />
      <PasswordField id="confirm-password" label="Your password" value={password} onChange={setPassword} autoFocus />
      {me.second_factor && <CodeField id="confirm-code" value={code} onChange={setCode} />}
      <ErrorNotice error={confirm.error} />
      <div className="flex justify-end gap-2">
        <Button onClick={onClose}>Cancel</Button>
        <Button look="primary" type="submit" busy={confirm.isPending} unavailable={isComplete ? undefined : 'Fill in the fields first.'}>
          Confirm
        </Button>
      </div>
    </form>
  )
}

function BySso() {
  const ways = useQuery(waysQuery)
  const sso = ways.data?.sso
  return (
    <div className="flex flex-col gap-4">
      <Notice tone="info">
        You have no password here. Sign in again at {sso?.name ?? 'your identity provider'}, then repeat what you were about to do. What you
        have typed on this page will be lost.
      </Notice>
      {sso && (
        <ButtonLink look="primary" href={`${sso.url}?fresh=true`}>
          Sign in again with {sso.name}
        </ButtonLink>
      )}
    </div>
  )
}
