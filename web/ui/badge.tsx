import type { ReactNode } from 'react'
import type { Tone } from './notice.tsx'

const LOOKS: Record<Tone, string> = {
  info: 'bg-sunk text-ink',
  good: 'bg-good-sunk text-good',
  warn: 'bg-warn-sunk text-warn',
  bad: 'bg-bad-sunk text-bad',
}

/** A state in a word or two; the word says it, the colour only helps. */
export function Badge({ tone = 'info', children }: { tone?: Tone; children: ReactNode }) {
  return (
    <span className={`inline-flex items-center gap-1 rounded-md px-2 py-0.5 text-xs font-medium whitespace-nowrap ${LOOKS[tone]}`}>
      {children}
    </span>
  )
}
