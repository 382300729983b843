import { useEffect, useState } from 'react'
import Check from 'lucide-react/icons/check'
import Copy from 'lucide-react/icons/copy'

const SHOWN_MS = 2000

/** An id as programs need it, in full on hover, with a button that copies it. `name` says whose it is, for screen readers: "Copy the org id". */
export function IdText({ value, name }: { value: string; name: string }) {
  const [isCopied, setCopied] = useState(false)
  useEffect(() => {
    if (!isCopied) return
    const timer = setTimeout(() => setCopied(false), SHOWN_MS)
    return () => clearTimeout(timer)
  }, [isCopied])
  const Icon = isCopied ? Check : Copy
  return (
    <span className="inline-flex max-w-full items-center gap-1 align-bottom">
      <code title={value} className="min-w-0 truncate font-mono text-[0.925em]">
        {value}
      </code>
      <button
        type="button"
        aria-label={isCopied ? 'Copied' : `Copy the ${name}`}
        className="shrink-0 cursor-pointer rounded-md p-1 text-soft hover:bg-sunk hover:text-ink focus-visible:outline-2 focus-visible:outline-ring"
        onClick={() =>
          void navigator.clipboard?.writeText(value).then(
            () => setCopied(true),
            () => {},
          )
        }
      >
        <Icon aria-hidden="true" className="size-3.5" />
      </button>
    </span>
  )
}
