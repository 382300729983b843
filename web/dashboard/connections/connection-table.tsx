import { useVirtualizer } from '@tanstack/react-virtual'
import { useEffect, useRef, useState, type KeyboardEvent } from 'react'
import { ConnectionRow, ROW_COLUMNS } from './connection-row.tsx'
import type { ListedConnection } from './connections-query.ts'
import { useMedia } from './use-media.ts'

interface ConnectionTableProps {
  rows: readonly ListedConnection[]
  /** undefined: nobody counted. */
  total: number | undefined
  hasMore: boolean
  isLoadingMore: boolean
  onWantMore: () => void
}

/** Fixed heights: nothing has to be measured while scrolling. */
const ROW_PX = { wide: 56, narrow: 104 }
const AHEAD_ROWS = 60
const COLUMNS = ['Connection', 'Integration', 'State', 'Created'] as const
const JUMPS: Record<string, number> = { ArrowDown: 1, ArrowUp: -1, PageDown: 10, PageUp: -10, Home: -Infinity, End: Infinity }

/** Shows only the rows in sight, whatever their number. One row is in the tab order; arrow keys, Page, Home and End move between rows. */
export function ConnectionTable({ rows, total, hasMore, isLoadingMore, onWantMore }: ConnectionTableProps) {
  const scroller = useRef<HTMLDivElement>(null)
  const isWide = useMedia('(min-width: 48rem)')
  const [active, setActive] = useState(0)
  const height = isWide ? ROW_PX.wide : ROW_PX.narrow
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => height,
    overscan: 8,
  })
  useEffect(() => virtual.measure(), [height, virtual])
  const shown = virtual.getVirtualItems()
  const last = shown.at(-1)?.index ?? 0
  useEffect(() => {
    if (hasMore && !isLoadingMore && last >= rows.length - AHEAD_ROWS) onWantMore()
  }, [last, rows.length, hasMore, isLoadingMore, onWantMore])

  const move = (event: KeyboardEvent) => {
    const jump = JUMPS[event.key]
    if (jump === undefined || !(event.target instanceof HTMLAnchorElement)) return
    event.preventDefault()
    const next = Math.max(0, Math.min(rows.length - 1, active + jump))
    setActive(next)
    virtual.scrollToIndex(next)
    // The row may have to be drawn first.
    requestAnimationFrame(() => requestAnimationFrame(() => scroller.current?.querySelector<HTMLElement>(`[data-row="${next}"]`)?.focus()))
  }

  return (
    <div
      role="table"
      aria-label="Connections"
      aria-rowcount={total === undefined ? (hasMore ? -1 : rows.length + 1) : total + 1}
      aria-busy={isLoadingMore}
      className="overflow-hidden rounded-xl border border-line bg-card"
    >
      <div role="rowgroup" className="max-md:sr-only">
        <div role="row" aria-rowindex={1} className={`${ROW_COLUMNS} h-10 items-center border-b border-line px-4 text-sm text-soft`}>
          {COLUMNS.map((name) => (
            <span key={name} role="columnheader">
              {name}
            </span>
          ))}
        </div>
      </div>
      <div ref={scroller} role="rowgroup" className="h-[max(20rem,calc(100dvh-17rem))] overflow-y-auto overscroll-contain" onKeyDown={move}>
        <div role="presentation" className="relative" style={{ height: virtual.getTotalSize() }}>
          {shown.map(({ index, start }) => {
            const row = rows[index]
            return (
              row && (
                <ConnectionRow
                  key={row.id}
                  connection={row}
                  index={index}
                  isActive={index === Math.min(active, rows.length - 1)}
                  top={start}
                  height={height}
                  onFocus={setActive}
                />
              )
            )
          })}
        </div>
      </div>
    </div>
  )
}
