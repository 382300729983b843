import { useVirtualizer } from '@tanstack/react-virtual'
import { useEffect, useRef, useState, type KeyboardEvent } from 'react'
import { Dialog } from '../../ui/dialog.tsx'
import { useMedia } from '../connections/use-media.ts'
import type { AuditEvent } from './audit-query.ts'
import { AuditEventFacts } from './audit-event-facts.tsx'
import { AUDIT_COLUMNS, AuditRow } from './audit-row.tsx'
import { ACTION_WORDS } from './audit-words.ts'
import { useActorNames } from './use-actor-names.ts'

interface AuditTableProps {
  rows: readonly AuditEvent[]
  hasMore: boolean
  isLoadingMore: boolean
  onWantMore: () => void
}

/** Fixed heights: nothing has to be measured while scrolling. */
const ROW_PX = { wide: 44, narrow: 84 }
const AHEAD_ROWS = 30
const COLUMNS = ['Time', 'What', 'Who', 'To what'] as const
const JUMPS: Record<string, number> = { ArrowDown: 1, ArrowUp: -1, PageDown: 10, PageUp: -10, Home: -Infinity, End: Infinity }

/** Shows only the rows in sight. One row is in the tab order; arrow keys, Page, Home and End move between rows, Enter opens one. */
export function AuditTable({ rows, hasMore, isLoadingMore, onWantMore }: AuditTableProps) {
  const scroller = useRef<HTMLDivElement>(null)
  const [active, setActive] = useState(0)
  const [opened, setOpened] = useState<AuditEvent>()
  const nameOf = useActorNames()
  const height = useMedia('(min-width: 48rem)') ? ROW_PX.wide : ROW_PX.narrow
  const virtual = useVirtualizer({ count: rows.length, getScrollElement: () => scroller.current, estimateSize: () => height, overscan: 12 })
  useEffect(() => virtual.measure(), [height, virtual])
  const shown = virtual.getVirtualItems()
  const last = shown.at(-1)?.index ?? 0
  useEffect(() => {
    if (hasMore && !isLoadingMore && last >= rows.length - AHEAD_ROWS) onWantMore()
  }, [last, rows.length, hasMore, isLoadingMore, onWantMore])
  const move = (event: KeyboardEvent) => {
    const jump = JUMPS[event.key]
    if (jump === undefined) return
    event.preventDefault()
    const next = Math.max(0, Math.min(rows.length - 1, active + jump))
    setActive(next)
    virtual.scrollToIndex(next)
    // The row may have to be drawn first.
    requestAnimationFrame(() => requestAnimationFrame(() => scroller.current?.querySelector<HTMLElement>(`[data-row="${next}"]`)?.focus()))
  }
  const reachable = shown.some(({ index }) => index === active) ? active : shown[0]?.index
  return (
    <>
      <div
        role="table"
        aria-label="Audit trail"
        aria-rowcount={hasMore ? -1 : rows.length + 1}
        aria-busy={isLoadingMore}
        className="overflow-hidden rounded-xl border border-line bg-card"
      >
        <div role="rowgroup" className="max-md:sr-only">
          <div role="row" aria-rowindex={1} className={`${AUDIT_COLUMNS} h-10 border-b border-line px-4 text-sm text-soft`}>
            {COLUMNS.map((name) => (
              <span key={name} role="columnheader">
                {name}
              </span>
            ))}
          </div>
        </div>
        <div
          ref={scroller}
          role="rowgroup"
          className="h-[max(20rem,calc(100dvh-24rem))] overflow-y-auto overscroll-contain"
          onKeyDown={move}
        >
          <div role="presentation" className="relative" style={{ height: virtual.getTotalSize() }}>
            {shown.map(({ index, start }) => {
              const row = rows[index]
              return (
                row && (
                  <AuditRow
                    key={row.id}
                    event={row}
                    who={nameOf(row.actor)}
                    index={index}
                    isActive={index === reachable}
                    top={start}
                    height={height}
                    onFocus={() => setActive(index)}
                    onOpen={() => setOpened(row)}
                  />
                )
              )
            })}
          </div>
        </div>
        <p role="presentation" className="border-t border-line px-4 py-2.5 text-center text-sm text-soft">
          {hasMore ? (isLoadingMore ? 'Loading more…' : 'More rows come as you scroll.') : 'That is all.'}
        </p>
      </div>
      <Dialog
        isOpen={opened !== undefined}
        onClose={() => setOpened(undefined)}
        title={opened ? (ACTION_WORDS[opened.action] ?? opened.action) : ''}
      >
        {opened && <AuditEventFacts event={opened} who={nameOf(opened.actor)} />}
      </Dialog>
    </>
  )
}
