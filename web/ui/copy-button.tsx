import { useEffect, useState } from 'react'
import Check from 'lucide-react/icons/check'
import Copy from 'lucide-react/icons/copy'
import { Button } from './button.tsx'
import type { ButtonSize } from './button-style.ts'

const SHOWN_MS = 2000

interface CopyButtonProps {
  value: string
  label?: string
  copiedLabel?: string
  /** When the browser refuses, as in an iframe without `clipboard-write`. */
  failedLabel?: string
  size?: ButtonSize
}

export function CopyButton({
  value,
  label = 'Copy',
  copiedLabel = 'Copied',
  failedLabel = 'Select it and copy by hand',
  size = 'small',
}: CopyButtonProps) {
  const [outcome, setOutcome] = useState<'copied' | 'failed'>()
  useEffect(() => {
    if (outcome === undefined) return
    const timer = setTimeout(() => setOutcome(undefined), SHOWN_MS)
    return () => clearTimeout(timer)
  }, [outcome])
  const Icon = outcome === 'copied' ? Check : Copy
  const copy = async () => {
    const copied = await navigator.clipboard?.writeText(value).then(
      () => true,
      () => false,
    )
    setOutcome(copied ? 'copied' : 'failed')
  }
  return (
    <Button size={size} onClick={() => void copy()}>
      <Icon aria-hidden="true" className="size-3.5 shrink-0" />
      <span aria-live="polite">{outcome === 'copied' ? copiedLabel : outcome === 'failed' ? failedLabel : label}</span>
    </Button>
  )
}
