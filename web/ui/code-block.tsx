import { CopyButton } from './copy-button.tsx'

/** Several lines that people read or carry elsewhere: a program, an answer. Long ones scroll inside their own box, by keyboard too. */
export function CodeBlock({ label, text }: { label: string; text: string }) {
  return (
    <figure className="overflow-hidden rounded-lg border border-line bg-sunk">
      <figcaption className="flex items-center justify-between gap-3 border-b border-line py-1 pr-1 pl-3 text-sm text-soft">
        {label}
        <CopyButton value={text} />
      </figcaption>
      <pre
        role="region"
        aria-label={label}
        tabIndex={0}
        className="max-h-96 overflow-auto p-3 font-mono text-[0.8125rem] leading-5 focus-visible:outline-2 focus-visible:-outline-offset-2 focus-visible:outline-ring"
      >
        {text}
      </pre>
    </figure>
  )
}
