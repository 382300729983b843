import { Link } from '@tanstack/react-router'
import { memo } from 'react'
import { TimeAgo } from '../../ui/time-ago.tsx'
import { detailOf, nameOf, orgKindWords } from './connection-words.ts'
import type { ListedConnection } from './connections-query.ts'
import { StateBadge } from './state-badge.tsx'

export const ROW_COLUMNS = 'grid grid-cols-[minmax(0,1fr)_auto] gap-x-4 md:grid-cols-[minmax(0,5fr)_minmax(0,4fr)_9rem_8rem]'

interface ConnectionRowProps {
  connection: ListedConnection
  index: number
  /** The one row that Tab reaches. */
  isActive: boolean
  top: number
  height: number
  onFocus: (index: number) => void
}

export const ConnectionRow = memo(function ConnectionRow({ connection, index, isActive, top, height, onFocus }: ConnectionRowProps) {
  const { connection_id: id, provider_config_key: integration, org } = connection
  return (
    <div
      role="row"
      aria-rowindex={index + 2}
      className={`${ROW_COLUMNS} absolute inset-x-0 content-center items-center border-b border-line px-4 text-sm hover:bg-sunk has-focus-visible:outline-2 has-focus-visible:-outline-offset-2 has-focus-visible:outline-ring`}
      style={{ height, transform: `translateY(${top}px)` }}
    >
      <div role="cell" className="min-w-0 max-md:col-span-2">
        <Link
          to="/connections/$integration/$connection"
          params={{ integration, connection: id }}
          preload={false}
          tabIndex={isActive ? 0 : -1}
          data-row={index}
          className="block truncate font-medium outline-none after:absolute after:inset-0"
          onFocus={() => onFocus(index)}
        >
          {nameOf(connection)}
        </Link>
        <p className="truncate text-soft">{detailOf(connection) || <code className="font-mono text-xs">{id}</code>}</p>
      </div>
      <div role="cell" className="min-w-0 max-md:col-span-2">
        <p className="truncate">{integration}</p>
        {org && (
          <p className="truncate text-soft max-md:hidden">
            {orgKindWords[org.kind] ?? org.kind}
            {org.name && ` · ${org.name}`}
          </p>
        )}
      </div>
      <div role="cell">
        <StateBadge state={connection.state} />
        {connection.open_issues > (connection.state === 'ok' ? 0 : 1) && (
          <span className="ml-1.5 text-xs text-soft">
            {connection.open_issues} {connection.open_issues === 1 ? 'issue' : 'issues'}
          </span>
        )}
      </div>
      <div role="cell" className="text-soft">
        <TimeAgo at={connection.created} />
      </div>
    </div>
  )
})
