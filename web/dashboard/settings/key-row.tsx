import type { ReactNode } from 'react'
import { Badge } from '../../ui/badge.tsx'
import { TimeAgo } from '../../ui/time-ago.tsx'
import type { ShownLimits } from './keys-query.ts'
import { limitsText } from './limits-draft.ts'

interface KeyRowProps {
  name: ReactNode
  hint: string | null
  about?: ReactNode
  limits: ShownLimits
  createdAt: string
  lastUsedAt: string | null
  expiresAt: string | null
  action: ReactNode
}

/** One key or token of a list. */
export function KeyRow({ name, hint, about, limits, createdAt, lastUsedAt, expiresAt, action }: KeyRowProps) {
  const words = limitsText(limits)
  const isOver = expiresAt !== null && Date.parse(expiresAt) <= Date.now()
  return (
    <li className="flex flex-wrap items-start justify-between gap-x-4 gap-y-2 px-5 py-4">
      <div className="min-w-0 flex-1 basis-64">
        <p className="flex flex-wrap items-center gap-x-2 gap-y-1">
          <span className="font-medium wrap-anywhere">{name}</span>
          {hint !== null && <code className="font-mono text-sm text-soft">{hint}</code>}
          {isOver && <Badge tone="warn">Over</Badge>}
        </p>
        {about && <div className="mt-0.5 text-sm">{about}</div>}
        {words.length > 0 && <p className="mt-0.5 text-sm wrap-anywhere">Limited to {words.join('; ')}</p>}
        <p className="mt-1 text-sm text-soft">
          Made <TimeAgo at={createdAt} /> ·{' '}
          {lastUsedAt === null ? (
            'never used'
          ) : (
            <>
              used <TimeAgo at={lastUsedAt} />
            </>
          )}
          {expiresAt !== null && (
            <>
              {' '}
              · {isOver ? 'ended' : 'ends'} <TimeAgo at={expiresAt} />
            </>
          )}
        </p>
      </div>
      {action}
    </li>
  )
}
