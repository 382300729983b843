import { useElementScrollRestoration } from '@tanstack/react-router'
import { defaultRangeExtractor, useVirtualizer, type Range } from '@tanstack/react-virtual'
import { useCallback, useEffect, useMemo, useRef, useState, type KeyboardEvent, type ReactNode } from 'react'
import { flushSync } from 'react-dom'
import { useMedia } from '../connections/use-media.ts'
import { LOG_COLUMNS, LogRow } from './log-row.tsx'
import type { Operation } from './operation-words.ts'

interface LogTableProps {
  rows: readonly Operation[]
  hasMore: boolean
  /** False: further pages only by the button at the foot. */
  loadsByItself: boolean
  isLoadingMore: boolean
  onWantMore: () => void
  /** The reader left the top, or is on a row: nothing may move now. */
  onAway: (isAway: boolean) => void
  foot: ReactNode
}

/** Fixed heights: nothing has to be measured while scrolling. */
export const LOG_ROW_PX = { wide: 40, narrow: 88 }
const AHEAD_ROWS = 60
const SCROLLER = 'logs'
const TOP_PX = 4
const COLUMNS = ['Time', 'Outcome', 'Kind', 'What', 'Connection or error', 'Took'] as const
const JUMPS: Record<string, number> = { ArrowDown: 1, ArrowUp: -1, PageDown: 10, PageUp: -10, Home: -Infinity, End: Infinity }

/** Shows only the rows in sight. One row is in the tab order; arrow keys, Page, Home and End move between rows, Enter opens one. */
export function LogTable({ rows, hasMore, loadsByItself, isLoadingMore, onWantMore, onAway, foot }: LogTableProps) {
  const scroller = useRef<HTMLDivElement>(null)
  const [active, setActive] = useState<string>()
  const isWide = useMedia('(min-width: 48rem)')
  const height = isWide ? LOG_ROW_PX.wide : LOG_ROW_PX.narrow
  /** Where the reader was before she opened a row. */
  const [before] = useState(useElementScrollRestoration({ id: SCROLLER }))
  const activeIndex = useMemo(() => rows.findIndex(({ id }) => id === active), [rows, active])
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => height,
    overscan: 12,
    initialOffset: before?.scrollY ?? 0,
    // The row that has the focus is drawn wherever it is: a row that vanished would take the focus with it.
    rangeExtractor: useCallback(
      (range: Range) => {
        const indexes = defaultRangeExtractor(range)
        return activeIndex < 0 || indexes.includes(activeIndex) ? indexes : [...indexes, activeIndex].sort((a, b) => a - b)
      },
      [activeIndex],
    ),
  })
  useEffect(() => virtual.measure(), [height, virtual])
  const shown = virtual.getVirtualItems()
  const last = virtual.range?.endIndex ?? 0
  useEffect(() => {
    if (hasMore && loadsByItself && !isLoadingMore && last >= rows.length - AHEAD_ROWS) onWantMore()
  }, [last, rows.length, hasMore, loadsByItself, isLoadingMore, onWantMore])

  const tellAway = () => {
    const box = scroller.current
    onAway(box !== null && (box.scrollTop > TOP_PX || box.contains(document.activeElement)))
  }
  useEffect(() => () => onAway(false), [onAway])
  const move = (event: KeyboardEvent) => {
    const jump = JUMPS[event.key]
    const from = rows.findIndex(({ id }) => id === (event.target as HTMLElement).dataset['row'])
    if (jump === undefined || from < 0) return
    event.preventDefault()
    const next = Math.max(0, Math.min(rows.length - 1, from + jump))
    const { id } = rows[next]!
    flushSync(() => setActive(id))
    scroller.current?.querySelector<HTMLElement>(`[data-row="${CSS.escape(id)}"]`)?.focus({ preventScroll: true })
    virtual.scrollToIndex(next)
  }
  const inSight = shown.find(({ start }) => start >= (virtual.scrollOffset ?? 0))?.index ?? 0
  const reachable = activeIndex >= 0 ? active : rows[inSight]?.id
  return (
    <div className="overflow-hidden rounded-xl border border-line bg-card">
      <div role="table" aria-label="Operations" aria-rowcount={hasMore ? -1 : rows.length + 1} aria-busy={isLoadingMore}>
        <div role="rowgroup" className="max-md:sr-only">
          <div role="row" aria-rowindex={1} className={`${LOG_COLUMNS} h-10 items-center border-b border-line px-4 text-sm text-soft`}>
            {COLUMNS.map((name) => (
              <span key={name} role="columnheader" className="truncate last:text-right">
                {name}
              </span>
            ))}
          </div>
        </div>
        <div
          ref={scroller}
          role="rowgroup"
          data-scroll-restoration-id={SCROLLER}
          className="h-[max(20rem,calc(100dvh-20rem))] overflow-y-auto overscroll-contain [overflow-anchor:none]"
          onScroll={tellAway}
          onFocus={tellAway}
          onBlur={() => requestAnimationFrame(tellAway)}
          onKeyDown={move}
        >
          <div role="presentation" className="relative" style={{ height: virtual.getTotalSize() }}>
            {shown.map(({ index, start }) => {
              const row = rows[index]
              return (
                row && (
                  <LogRow
                    key={row.id}
                    operation={row}
                    index={index}
                    isActive={row.id === reachable}
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
      <div className="flex min-h-11 items-center justify-center border-t border-line px-4 py-1.5 text-sm text-soft">{foot}</div>
    </div>
  )
}
