import { useInfiniteQuery, useMutation, useQueryClient } from '@tanstack/react-query'
import { Notice } from '../../ui/notice.tsx'
import { TimeAgo } from '../../ui/time-ago.tsx'
import { TypedNameDialog } from '../../ui/typed-name-dialog.tsx'
import { call } from '../api/call.ts'
import { ErrorNotice } from '../api/error-notice.tsx'
import { useWorkplace } from '../shell/me.ts'
import { connectionTokensQuery, type ApiKey } from './keys-query.ts'

/** `apiKey` undefined: closed. */
export function RevokeKeyDialog({ apiKey, onClose }: { apiKey: ApiKey | undefined; onClose: () => void }) {
  const queries = useQueryClient()
  const { may } = useWorkplace()
  const tokens = useInfiniteQuery({
    ...connectionTokensQuery(apiKey?.id),
    enabled: apiKey !== undefined && may('environment:connection_tokens:list'),
  })
  const revoke = useMutation({
    mutationFn: () => call('deleteApiKey', { params: { keyId: apiKey?.id ?? '' } }),
    onSuccess: async () => {
      onClose()
      await Promise.all([
        queries.invalidateQueries({ queryKey: ['api-keys'] }),
        queries.invalidateQueries({ queryKey: ['connection-tokens'] }),
      ])
    },
  })
  const made = tokens.data?.pages[0]
  return (
    <TypedNameDialog
      isOpen={apiKey !== undefined}
      onClose={() => {
        revoke.reset()
        onClose()
      }}
      title="Revoke this API key?"
      name={apiKey?.display_name ?? ''}
      action="Revoke it"
      isBusy={revoke.isPending}
      onConfirm={() => revoke.mutate()}
    >
      <p>Programs that use it are refused at once. It cannot be undone; give them another key first.</p>
      <Notice tone="warn">
        <p>
          {apiKey?.last_used_at ? (
            <>
              It was used <TimeAgo at={apiKey.last_used_at} />.
            </>
          ) : (
            'It has never been used.'
          )}
        </p>
        {made && made.data.length > 0 && (
          <p>
            {made.data.length}
            {made.next === null ? '' : ' or more'} connection{' '}
            {made.data.length === 1 ? 'token that it made ends' : 'tokens that it made end'} with it.
          </p>
        )}
      </Notice>
      <ErrorNotice error={revoke.error} />
    </TypedNameDialog>
  )
}
