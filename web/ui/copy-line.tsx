import { CopyButton } from './copy-button.tsx'

interface CopyLineProps {
  value: string
  label?: string
  copiedLabel?: string
  failedLabel?: string
}

/** A value that people carry elsewhere: an address, a command. It is selected as a whole by one click. */
export function CopyLine({ value, ...labels }: CopyLineProps) {
  return (
    <div className="flex flex-wrap items-center gap-2 rounded-lg border border-line bg-sunk py-1.5 pr-1.5 pl-3">
      <code className="min-w-0 flex-1 basis-40 font-mono text-sm break-all select-all">{value}</code>
      <CopyButton value={value} {...labels} />
    </div>
  )
}
