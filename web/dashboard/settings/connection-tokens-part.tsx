import { useInfiniteQuery, useMutation, useQueryClient } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import Plus from 'lucide-react/icons/plus'
import { Button } from '../../ui/button.tsx'
import { CodeBlock } from '../../ui/code-block.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { EmptyState } from '../../ui/empty-state.tsx'
import { apiBase, call } from '../api/call.ts'
import { ErrorNotice } from '../api/error-notice.tsx'
import { useWorkplace } from '../shell/me.ts'
import { KeyList } from './key-list.tsx'
import { KeyRow } from './key-row.tsx'
import { connectionTokensQuery, type ConnectionToken } from './keys-query.ts'
import { MintTokenForm } from './mint-token-form.tsx'
import { NotForYourRole } from './not-for-your-role.tsx'

const EXAMPLE = `curl -X POST "${apiBase}/connections/<connection id>/tokens?provider_config_key=<integration>" \\
  -H "Authorization: Bearer $HAWSER_API_KEY" -H "Content-Type: application/json" \\
  -d '{ "expires_in": 900, "methods": ["GET"] }'`

const MAKERS: Record<ConnectionToken['made_by']['kind'], string> = {
  api_key: 'API key',
  signing_key: 'signing key',
  person: '',
}

export function ConnectionTokensPart() {
  const { may } = useWorkplace()
  const mayList = may('environment:connection_tokens:list')
  const tokens = useInfiniteQuery({ ...connectionTokensQuery(), enabled: mayList })
  const [isMinting, setMinting] = useState(false)
  if (!mayList) return <NotForYourRole what="connection tokens" who="Owners and developers may." />
  const refusal = may('environment:connection_tokens:write') ? undefined : 'Your role may look at tokens, not make them.'
  const shown = tokens.data?.pages.flatMap(({ data }) => data) ?? []
  return (
    <div className="flex flex-col gap-4">
      <div className="flex flex-wrap items-start justify-between gap-3">
        <p className="max-w-prose text-soft">
          For browsers, scripts and tools: a token calls one connection, for at most a day, and ends with whatever made it.
        </p>
        <Button look="primary" unavailable={refusal} onClick={() => setMinting(true)}>
          <Plus aria-hidden="true" className="size-4" />
          New token
        </Button>
      </div>
      <ErrorNotice error={tokens.error} />
      {tokens.data && shown.length === 0 ? (
        <EmptyState title="No token is good at the moment">
          <p>Your server makes one for each browser or tool that is to call a provider by itself:</p>
          <CodeBlock label="Make a token" text={EXAMPLE} />
        </EmptyState>
      ) : (
        !tokens.error && (
          <KeyList label="Connection tokens" isPending={tokens.isPending}>
            {shown.map((token) => (
              <TokenRow key={token.id} token={token} refusal={refusal} />
            ))}
          </KeyList>
        )
      )}
      {tokens.hasNextPage && (
        <div>
          <Button busy={tokens.isFetchingNextPage} onClick={() => void tokens.fetchNextPage()}>
            Show more
          </Button>
        </div>
      )}
      <Dialog isOpen={isMinting} onClose={() => setMinting(false)} title="New connection token">
        {isMinting && <MintTokenForm onDone={() => setMinting(false)} />}
      </Dialog>
    </div>
  )
}

function TokenRow({ token, refusal }: { token: ConnectionToken; refusal: string | undefined }) {
  const queries = useQueryClient()
  const end = useMutation({
    mutationFn: () => call('deleteConnectionToken', { params: { tokenId: token.id } }),
    onSuccess: () => queries.invalidateQueries({ queryKey: ['connection-tokens'] }),
  })
  const name = token.display_name ?? `Token for ${token.connection_id}`
  return (
    <KeyRow
      name={name}
      hint={token.hint}
      about={
        <>
          Calls{' '}
          <Link
            to="/connections/$integration/$connection"
            params={{ integration: token.provider_config_key, connection: token.connection_id }}
            className="text-link underline"
          >
            {token.connection_id}
          </Link>{' '}
          of {token.provider_config_key}; made by {MAKERS[token.made_by.kind]} {token.made_by.display_name}
          <ErrorNotice error={end.error} />
        </>
      }
      limits={token.limits}
      createdAt={token.created_at}
      lastUsedAt={token.last_used_at}
      expiresAt={token.expires_at}
      action={
        <Button size="small" busy={end.isPending} unavailable={refusal} aria-label={`End ${name}`} onClick={() => end.mutate()}>
          End
        </Button>
      }
    />
  )
}
