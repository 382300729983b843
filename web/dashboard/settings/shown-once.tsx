import { Button } from '../../ui/button.tsx'
import { CopyLine } from '../../ui/copy-line.tsx'
import { Notice } from '../../ui/notice.tsx'

/** A new secret: the server keeps a hash of it alone. */
export function ShownOnce({ what, secret, onDone }: { what: string; secret: string; onDone: () => void }) {
  return (
    <div className="flex flex-col gap-4">
      <div role="status">
        <Notice tone="warn">Copy the {what} now. It is shown this once; the server keeps only a fingerprint of it.</Notice>
      </div>
      <CopyLine value={secret} />
      <div className="flex justify-end">
        <Button look="primary" onClick={onDone}>
          I have kept it
        </Button>
      </div>
    </div>
  )
}
