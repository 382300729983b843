import Download from 'lucide-react/icons/download'
import { Button } from '../../ui/button.tsx'
import { CopyButton } from '../../ui/copy-button.tsx'
import { Notice } from '../../ui/notice.tsx'

/** Shown once; the server keeps only what it needs to check them. */
export function RecoveryCodes({ codes, email }: { codes: readonly string[]; email: string }) {
  const text = codes.join('\n')
  return (
    <div className="flex flex-col gap-3">
      <Notice tone="warn">
        Keep these codes where you would find them without your phone. Each signs you in once in place of the app. They are not shown again.
      </Notice>
      <ul
        aria-label="Recovery codes"
        className="grid grid-cols-[repeat(auto-fill,minmax(9rem,1fr))] gap-x-4 gap-y-1 rounded-lg bg-sunk p-4 font-mono"
      >
        {codes.map((code) => (
          <li key={code}>{code}</li>
        ))}
      </ul>
      <div className="flex flex-wrap gap-2">
        <CopyButton value={text} label="Copy them all" />
        <Button size="small" onClick={() => download(`Hawser recovery codes of ${email} at ${location.host}\n\n${text}\n`)}>
          <Download aria-hidden="true" className="size-3.5" />
          Download
        </Button>
      </div>
    </div>
  )
}

function download(text: string): void {
  const url = URL.createObjectURL(new Blob([text], { type: 'text/plain' }))
  const link = document.createElement('a')
  link.href = url
  link.download = 'hawser-recovery-codes.txt'
  link.click()
  URL.revokeObjectURL(url)
}
