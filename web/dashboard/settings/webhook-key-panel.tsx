import { useState } from 'react'
import { Button } from '../../ui/button.tsx'
import { CodeBlock } from '../../ui/code-block.tsx'
import { CopyLine } from '../../ui/copy-line.tsx'
import { Panel } from '../../ui/panel.tsx'

const CODE = `import { verifyWebhook } from '@hawser/node'

if (!verifyWebhook(rawBody, request.headers, process.env.HAWSER_WEBHOOK_KEY)) return response.sendStatus(401)`

/** `secret` null: her role may not see it. */
export function WebhookKeyPanel({ secret }: { secret: string | null }) {
  const [isShown, setShown] = useState(false)
  return (
    <Panel
      title="Webhook signing key"
      about="Every webhook is signed with it, so that your server can tell them from somebody else’s."
      actions={
        <Button
          size="small"
          aria-expanded={isShown}
          unavailable={secret === null ? 'Only roles that may change settings see it.' : undefined}
          onClick={() => setShown(!isShown)}
        >
          {isShown ? 'Hide it' : 'Show it'}
        </Button>
      }
    >
      <div className="flex flex-col gap-3">
        {isShown && secret !== null ? (
          <CopyLine value={secret} />
        ) : (
          <p className="rounded-lg border border-line bg-sunk px-3 py-2.5 font-mono text-sm text-soft" aria-label="The key, hidden">
            ••••••••••••••••••••••••
          </p>
        )}
        <CodeBlock label="Check a webhook" text={CODE} />
      </div>
    </Panel>
  )
}
