import { Link } from '@tanstack/react-router'
import { memo } from 'react'
import { Badge } from '../../ui/badge.tsx'
import { ClockTime } from './clock-time.tsx'
import { durationText, headlineOf, isRequest, oneOfKind, outcomeOf, toneOf, type Operation } from './operation-words.ts'

export const LOG_COLUMNS =
  'grid grid-cols-[auto_minmax(0,1fr)_auto] gap-x-3 md:grid-cols-[8.5rem_5rem_5.5rem_minmax(0,1fr)_minmax(0,12rem)_4.5rem]'

interface LogRowProps {
  operation: Operation
  index: number
  /** The one row that Tab reaches. */
  isActive: boolean
  top: number
  height: number
  onFocus: (id: string) => void
}

export const LogRow = memo(function LogRow({ operation, index, isActive, top, height, onFocus }: LogRowProps) {
  const { id, at, kind, error, connection_id: connection, integration, duration_ms: took, outcome } = operation
  return (
    <div
      role="row"
      aria-rowindex={index + 2}
      className={`${LOG_COLUMNS} absolute inset-x-0 content-center items-center gap-y-1 border-b border-line px-4 text-sm hover:bg-sunk has-focus-visible:outline-2 has-focus-visible:-outline-offset-2 has-focus-visible:outline-ring`}
      style={{ height, transform: `translateY(${top}px)` }}
    >
      <div role="cell" className="text-soft max-md:order-1">
        <ClockTime at={at} />
      </div>
      <div role="cell" className="max-md:order-3 max-md:justify-self-end">
        <Badge tone={toneOf(operation)}>{outcomeOf(operation)}</Badge>
      </div>
      <div role="cell" className="truncate text-soft max-md:order-2">
        {oneOfKind[kind]}
      </div>
      <div role="cell" className="min-w-0 max-md:order-4 max-md:col-span-3">
        <Link
          to="/logs/$operation"
          params={{ operation: id }}
          preload={false}
          tabIndex={isActive ? 0 : -1}
          data-row={id}
          title={headlineOf(operation)}
          className={`block truncate outline-none after:absolute after:inset-0 ${kind === 'call' && isRequest(operation) ? 'font-mono text-[0.8125rem]' : ''}`}
          onFocus={() => onFocus(id)}
        >
          {headlineOf(operation)}
        </Link>
      </div>
      <div role="cell" className="min-w-0 truncate text-soft max-md:order-5 max-md:col-span-2">
        {outcome === 'failure' && error ? (
          <span className="text-ink" title={error.title ?? error.code}>
            {error.title ?? error.code}
          </span>
        ) : (
          <span title={connection ?? integration ?? undefined}>{connection ?? integration}</span>
        )}
      </div>
      <div role="cell" className="text-right whitespace-nowrap text-soft tabular-nums max-md:order-6">
        {durationText(took)}
      </div>
    </div>
  )
})
