import type { ReactNode } from 'react'
import CircleAlert from 'lucide-react/icons/circle-alert'
import CircleCheck from 'lucide-react/icons/circle-check'
import Info from 'lucide-react/icons/info'
import TriangleAlert from 'lucide-react/icons/triangle-alert'

export type Tone = 'info' | 'good' | 'warn' | 'bad'

const LOOKS = {
  info: { Icon: Info, box: 'bg-sunk text-ink', icon: 'text-soft' },
  good: { Icon: CircleCheck, box: 'bg-good-sunk text-ink', icon: 'text-good' },
  warn: { Icon: TriangleAlert, box: 'bg-warn-sunk text-ink', icon: 'text-warn' },
  bad: { Icon: CircleAlert, box: 'bg-bad-sunk text-ink', icon: 'text-bad' },
} as const

/** The tone is told by icon and colour, so the text must say it, too. Screen readers hear it if it stands in a live region. */
export function Notice({ tone = 'info', className = '', children }: { tone?: Tone; className?: string; children: ReactNode }) {
  const { Icon, box, icon } = LOOKS[tone]
  return (
    <div className={`flex gap-2.5 rounded-lg px-3 py-2.5 ${box} ${className}`}>
      <Icon aria-hidden="true" className={`mt-0.5 size-5 shrink-0 ${icon}`} />
      <div className="min-w-0 flex-1 wrap-anywhere">{children}</div>
    </div>
  )
}
