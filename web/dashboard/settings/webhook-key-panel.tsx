import { useMutation } from '@tanstack/react-query'
import { Button } from '../../ui/button.tsx'
import { CodeBlock } from '../../ui/code-block.tsx'
import { CopyLine } from '../../ui/copy-line.tsx'
import { Panel } from '../../ui/panel.tsx'
import { call } from '../api/call.ts'
import { ErrorNotice } from '../api/error-notice.tsx'
import { useSettingsRefusal } from './use-save-settings.ts'

const CODE = `import { verifyWebhook } from '@hawser/node'

if (!verifyWebhook(rawBody, request.headers, process.env.HAWSER_WEBHOOK_KEY))
  return response.sendStatus(401)`

/** The key is asked for when somebody wants to see it, and forgotten when it is hidden: each look is in the audit trail. */
export function WebhookKeyPanel() {
  const refusal = useSettingsRefusal()
  const show = useMutation({
    mutationFn: () => call('getEnvironment', {}, undefined, { reveal: true }),
    gcTime: 0,
  })
  const secret = show.data?.data.webhook_signing_key
  return (
    <Panel
      title="Webhook signing key"
      about="Every webhook is signed with it, so that your server can tell them from somebody else’s. Each look at it is written to the audit trail."
      actions={
        <Button
          size="small"
          aria-expanded={secret !== undefined}
          busy={show.isPending}
          unavailable={refusal && 'Only roles that may change settings see it.'}
          onClick={() => (secret === undefined ? show.mutate() : show.reset())}
        >
          {secret === undefined ? 'Show it' : 'Hide it'}
        </Button>
      }
    >
      <div className="flex flex-col gap-3">
        <ErrorNotice error={show.error} />
        {secret ? (
          <CopyLine value={secret} />
        ) : (
          <p className="min-h-10.5 rounded-lg border border-line bg-sunk px-3 py-2 font-mono text-sm text-soft">
            <span className="sr-only">Hidden</span>
            <span aria-hidden="true">••••••••••••••••••••••••</span>
          </p>
        )}
        <CodeBlock label="Check a webhook" text={CODE} />
      </div>
    </Panel>
  )
}
