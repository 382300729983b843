import { Link } from '@tanstack/react-router'
import { Skeleton } from '../../ui/skeleton.tsx'
import type { Overview } from './overview-query.ts'

const number = new Intl.NumberFormat()

/** Four numbers that lead to the rows behind them. */
export function ConnectionFigures({
  connections,
  issues,
}: {
  connections: Overview['connections'] | undefined
  issues: number | undefined
}) {
  return (
    <section aria-label="Connections by state" className="grid grid-cols-2 gap-3 lg:grid-cols-4">
      <Figure label="Connections working" value={connections?.ok} to="/connections" search={{ state: 'ok' }} tone="text-good" />
      <Figure label="Need attention" value={connections?.broken} to="/connections" search={{ state: 'broken' }} tone="text-bad" />
      <Figure label="Frozen" value={connections?.frozen} to="/connections" search={{ state: 'frozen' }} tone="text-warn" />
      <Figure label="Open issues" value={issues} to="/issues" search={{}} tone="text-bad" />
    </section>
  )
}

interface FigureProps {
  label: string
  value: number | undefined
  to: '/connections' | '/issues'
  search: object
  /** Of a number above zero. */
  tone: string
}

function Figure({ label, value, to, search, tone }: FigureProps) {
  return (
    <Link
      to={to}
      search={search as never}
      className="rounded-xl border border-line bg-card px-4 py-3 hover:border-edge focus-visible:outline-2 focus-visible:outline-ring"
    >
      <span className="block text-sm text-soft">{label}</span>
      {value === undefined ? (
        <Skeleton className="mt-1 h-8 w-16" />
      ) : (
        <span className={`mt-1 block h-8 text-2xl font-semibold tabular-nums ${value > 0 ? tone : 'text-soft'}`}>
          {number.format(value)}
        </span>
      )}
    </Link>
  )
}
