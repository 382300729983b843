import { Button } from '../../ui/button.tsx'
import { CopyLine } from '../../ui/copy-line.tsx'
import { Notice } from '../../ui/notice.tsx'
import { TimeAgo } from '../../ui/time-ago.tsx'

interface LinkToHandOverProps {
  url: string
  expiresAt: string
  to: string
  onDone: () => void
}

/** A link that works once; the server does not show it again. */
export function LinkToHandOver({ url, expiresAt, to, onDone }: LinkToHandOverProps) {
  return (
    <div className="flex flex-col gap-4">
      <div role="status">
        <Notice tone="warn">
          Hand this link to {to} alone, by a way that you trust. It works once, ends <TimeAgo at={expiresAt} />, and is shown only now.
        </Notice>
      </div>
      <CopyLine value={url} />
      <div className="flex justify-end">
        <Button look="primary" onClick={onDone}>
          I have copied it
        </Button>
      </div>
    </div>
  )
}
