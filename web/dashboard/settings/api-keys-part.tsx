import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import Plus from 'lucide-react/icons/plus'
import { Button } from '../../ui/button.tsx'
import { CopyLine } from '../../ui/copy-line.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { EmptyState } from '../../ui/empty-state.tsx'
import { ErrorNotice } from '../api/error-notice.tsx'
import { useWorkplace } from '../shell/me.ts'
import { CreateKeyForm } from './create-key-form.tsx'
import { KeyList } from './key-list.tsx'
import { KeyRow } from './key-row.tsx'
import { apiKeysQuery, type ApiKey } from './keys-query.ts'
import { NotForYourRole } from './not-for-your-role.tsx'
import { RevokeKeyDialog } from './revoke-key-dialog.tsx'
import { scopeText } from './scope-words.ts'

const SHOWN_SCOPES = 3

export function ApiKeysPart() {
  const { environment, may } = useWorkplace()
  const mayList = may('environment:api_keys:list')
  const keys = useQuery({ ...apiKeysQuery, enabled: mayList })
  const [isCreating, setCreating] = useState(false)
  const [revoked, setRevoked] = useState<ApiKey>()
  if (!mayList) return <NotForYourRole what="API keys" who="Owners and developers may." />
  const refusal = may('environment:api_keys:write') ? undefined : 'Your role may look at keys, not change them.'
  return (
    <div className="flex flex-col gap-4">
      <div className="flex flex-wrap items-start justify-between gap-3">
        <p className="max-w-prose text-soft">
          For your servers. A key belongs to {environment?.name ?? 'this environment'} alone; never put one into a web page or an app.
        </p>
        <Button look="primary" unavailable={refusal} onClick={() => setCreating(true)}>
          <Plus aria-hidden="true" className="size-4" />
          New API key
        </Button>
      </div>
      <ErrorNotice error={keys.error} />
      {keys.data?.length === 0 ? (
        <EmptyState title="No API key yet">
          <p>Your server needs one to let customers connect and to call providers for them. Make it here, or on the server’s machine:</p>
          <CopyLine value={`npm run hawser -- keys create my-server --env ${environment?.name ?? 'dev'}`} />
        </EmptyState>
      ) : (
        !keys.error && (
          <KeyList label="API keys" isPending={keys.isPending}>
            {keys.data?.map((key) => (
              <KeyRow
                key={key.id}
                name={key.display_name}
                hint={key.hint}
                about={<Scopes scopes={key.scopes} />}
                limits={key.limits}
                createdAt={key.created_at}
                lastUsedAt={key.last_used_at}
                expiresAt={key.expires_at}
                action={
                  <Button size="small" unavailable={refusal} aria-label={`Revoke ${key.display_name}`} onClick={() => setRevoked(key)}>
                    Revoke
                  </Button>
                }
              />
            ))}
          </KeyList>
        )
      )}
      <Dialog isOpen={isCreating} onClose={() => setCreating(false)} title="New API key">
        {isCreating && <CreateKeyForm onDone={() => setCreating(false)} />}
      </Dialog>
      <RevokeKeyDialog apiKey={revoked} onClose={() => setRevoked(undefined)} />
    </div>
  )
}

function Scopes({ scopes }: { scopes: readonly string[] }) {
  const words = scopes.map(scopeText)
  if (words.length <= SHOWN_SCOPES + 1) return <>{words.join(' · ')}</>
  return (
    <details>
      <summary className="cursor-pointer">
        {words.slice(0, SHOWN_SCOPES).join(' · ')} and {words.length - SHOWN_SCOPES} more
      </summary>
      <ul className="mt-1 list-disc pl-5">
        {words.slice(SHOWN_SCOPES).map((word) => (
          <li key={word}>{word}</li>
        ))}
      </ul>
    </details>
  )
}
