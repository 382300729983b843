import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import Plus from 'lucide-react/icons/plus'
import { Button } from '../../ui/button.tsx'
import { CodeBlock } from '../../ui/code-block.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { EmptyState } from '../../ui/empty-state.tsx'
import { IdText } from '../../ui/id-text.tsx'
import { TypedNameDialog } from '../../ui/typed-name-dialog.tsx'
import { call } from '../api/call.ts'
import { ErrorNotice } from '../api/error-notice.tsx'
import { useWorkplace } from '../shell/me.ts'
import { KeyList } from './key-list.tsx'
import { KeyRow } from './key-row.tsx'
import { signingKeysQuery, type SigningKey } from './keys-query.ts'
import { NotForYourRole } from './not-for-your-role.tsx'
import { RegisterKeyForm } from './register-key-form.tsx'

const EXAMPLE = `openssl genpkey -algorithm ed25519 -out signing-key.pem
openssl pkey -in signing-key.pem -pubout`

export function SigningKeysPart() {
  const { may } = useWorkplace()
  const mayList = may('environment:signing_keys:list')
  const keys = useQuery({ ...signingKeysQuery, enabled: mayList })
  const [isAdding, setAdding] = useState(false)
  const [removed, setRemoved] = useState<SigningKey>()
  if (!mayList) return <NotForYourRole what="signing keys" who="Owners and developers may." />
  const refusal = may('environment:signing_keys:write') ? undefined : 'Your role may look at signing keys, not change them.'
  return (
    <div className="flex flex-col gap-4">
      <div className="flex flex-wrap items-start justify-between gap-3">
        <p className="max-w-prose text-soft">
          Public keys of your backend. What it signs (a JWT) calls a connection, without asking this server for a token first.
        </p>
        <Button look="primary" unavailable={refusal} onClick={() => setAdding(true)}>
          <Plus aria-hidden="true" className="size-4" />
          Register a key
        </Button>
      </div>
      <ErrorNotice error={keys.error} />
      {keys.data?.length === 0 ? (
        <EmptyState title="No signing key yet">
          <p>Make a pair, keep the private key on your backend, and register the public one:</p>
          <CodeBlock label="Make a pair" text={EXAMPLE} />
        </EmptyState>
      ) : (
        !keys.error && (
          <KeyList label="Signing keys" isPending={keys.isPending}>
            {keys.data?.map((key) => (
              <KeyRow
                key={key.id}
                name={key.display_name}
                hint={null}
                about={
                  <span className="flex flex-wrap gap-x-4">
                    <span>{key.algorithm}</span>
                    <span className="inline-flex max-w-full gap-1">
                      kid <IdText value={key.id} name="key’s id" />
                    </span>
                  </span>
                }
                limits={key.limits}
                createdAt={key.created_at}
                lastUsedAt={key.last_used_at}
                expiresAt={key.expires_at}
                action={
                  <Button size="small" unavailable={refusal} aria-label={`Remove ${key.display_name}`} onClick={() => setRemoved(key)}>
                    Remove
                  </Button>
                }
              />
            ))}
          </KeyList>
        )
      )}
      <Dialog isOpen={isAdding} onClose={() => setAdding(false)} title="Register a public key">
        {isAdding && <RegisterKeyForm onDone={() => setAdding(false)} />}
      </Dialog>
      <RemoveDialog signingKey={removed} onClose={() => setRemoved(undefined)} />
    </div>
  )
}

function RemoveDialog({ signingKey, onClose }: { signingKey: SigningKey | undefined; onClose: () => void }) {
  const queries = useQueryClient()
  const remove = useMutation({
    mutationFn: () => call('deleteSigningKey', { params: { keyId: signingKey?.id ?? '' } }),
    onSuccess: async () => {
      onClose()
      await queries.invalidateQueries({ queryKey: ['signing-keys'] })
    },
  })
  return (
    <TypedNameDialog
      isOpen={signingKey !== undefined}
      onClose={() => {
        remove.reset()
        onClose()
      }}
      title="Remove this signing key?"
      name={signingKey?.display_name ?? ''}
      action="Remove it"
      isBusy={remove.isPending}
      onConfirm={() => remove.mutate()}
    >
      <p>Everything that it has signed is refused at once, and connection tokens that were made of it end.</p>
      <ErrorNotice error={remove.error} />
    </TypedNameDialog>
  )
}
