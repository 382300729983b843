import { useMutation } from '@tanstack/react-query'
import { Button } from '../../ui/button.tsx'
import { CopyLine } from '../../ui/copy-line.tsx'
import { call } from '../api/call.ts'
import { ErrorNotice } from '../api/error-notice.tsx'
import { useWorkplace } from '../shell/me.ts'

/** The key is asked for when somebody wants to see it, and forgotten when it is hidden: each look is in the audit trail. */
export function SigningKeyLine() {
  const { may } = useWorkplace()
  const show = useMutation({
    mutationFn: () => call('getEnvironment', {}, undefined, { reveal: true }),
    gcTime: 0,
  })
  const key = show.data?.data.webhook_signing_key
  return (
    <div className="flex flex-col gap-3">
      <ErrorNotice error={show.error} />
      <div className="flex flex-wrap items-start gap-2">
        <div className="min-w-0 flex-1 basis-60">
          {key ? (
            <CopyLine value={key} />
          ) : (
            <p className="min-h-10.5 rounded-lg border border-line bg-sunk px-3 py-2 font-mono text-sm text-soft">
              <span className="sr-only">The key is hidden</span>
              <span aria-hidden="true">••••••••••••••••••••••••</span>
            </p>
          )}
        </div>
        <Button
          className="min-h-10.5"
          aria-expanded={key !== undefined}
          busy={show.isPending}
          unavailable={may('environment:settings:update') ? undefined : 'Only roles that may change settings see it.'}
          onClick={() => (key === undefined ? show.mutate() : show.reset())}
        >
          {key === undefined ? 'Show the key' : 'Hide the key'}
        </Button>
      </div>
    </div>
  )
}
