import { TimeAgo } from '../../ui/time-ago.tsx'
import type { AuditEvent } from './audit-query.ts'
import { ACTION_WORDS } from './audit-words.ts'

export const AUDIT_COLUMNS = 'items-center gap-x-4 md:grid md:grid-cols-[8rem_minmax(0,14rem)_minmax(0,10rem)_minmax(0,1fr)]'

interface AuditRowProps {
  event: AuditEvent
  who: string
  index: number
  isActive: boolean
  top: number
  /** Px. */
  height: number
  onFocus: () => void
  onOpen: () => void
}

const numbers = new Intl.NumberFormat('en')

export function AuditRow({ event, who, index, isActive, top, height, onFocus, onOpen }: AuditRowProps) {
  const { at, action, count, subject, end_user: user } = event
  const words = ACTION_WORDS[action] ?? action
  return (
    <div
      role="row"
      aria-rowindex={index + 2}
      data-row={index}
      tabIndex={isActive ? 0 : -1}
      className={`${AUDIT_COLUMNS} absolute inset-x-0 cursor-pointer border-b border-line px-4 text-sm hover:bg-sunk focus-visible:outline-2 focus-visible:-outline-offset-2 focus-visible:outline-ring max-md:flex max-md:flex-col max-md:items-start max-md:justify-center max-md:gap-0.5`}
      style={{ height, transform: `translateY(${top}px)` }}
      onFocus={onFocus}
      onClick={onOpen}
      onKeyDown={(pressed) => {
        if (pressed.key !== 'Enter') return
        // Or the same press would reach the dialog's first button.
        pressed.preventDefault()
        onOpen()
      }}
    >
      <span role="cell" className="text-soft max-md:order-3">
        <TimeAgo at={at} />
      </span>
      <span role="cell" className="max-w-full truncate font-medium">
        {words}
        {count > 1 && <span className="font-normal text-soft"> {numbers.format(count)} times</span>}
      </span>
      <span role="cell" className="max-w-full truncate">
        {who}
      </span>
      <span role="cell" className="max-w-full truncate text-soft max-md:hidden">
        {subjectText(subject, user)}
      </span>
    </div>
  )
}

/** The names in it before its ids. */
function subjectText(subject: AuditEvent['subject'], user: AuditEvent['end_user']): string {
  const texts = Object.entries(subject).flatMap(([name, value]) =>
    typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? [`${name.replaceAll('_', ' ')} ${value}`] : [],
  )
  return [...(user?.id ? [`of ${user.id}`] : []), ...texts].join(' · ')
}
