import { useMemo } from 'react'
import { Panel } from '../../ui/panel.tsx'
import { Skeleton } from '../../ui/skeleton.tsx'
import { Chart } from './chart.tsx'
import { chartData } from './chart-series.ts'
import { duration } from './duration.ts'
import { ranges, type Hours, type Overview } from './overview-query.ts'

const number = new Intl.NumberFormat()
const short = new Intl.NumberFormat(undefined, { notation: 'compact', maximumFractionDigits: 1 })
const count = (value: number) => (value < 10_000 ? number.format(value) : short.format(value))

const CALLS = [
  { of: 'calls', label: 'Calls', colour: 'accent', draw: 'bars' },
  { of: 'client_errors', label: 'Refused (4xx)', colour: 'warn', draw: 'dashed' },
  { of: 'server_errors', label: 'Failed (5xx)', colour: 'bad', draw: 'line' },
] as const
const TIMES = [
  { of: 'p95_ms', label: '95 of 100 calls take at most', colour: 'accent', draw: 'line' },
  { of: 'p50_ms', label: 'Half of them', colour: 'soft', draw: 'dashed' },
] as const
const REFRESHES = [
  { of: 'refreshes', label: 'Refreshed', colour: 'good', draw: 'bars' },
  { of: 'refresh_failures', label: 'Failed', colour: 'bad', draw: 'line' },
] as const

export function Charts({ overview, hours }: { overview: Overview | undefined; hours: Hours }) {
  const series = overview?.series
  const data = useMemo(
    () => series && { calls: chartData(series, CALLS), times: chartData(series, TIMES), refreshes: chartData(series, REFRESHES) },
    [series],
  )
  if (!overview || !data) return <ChartsSkeleton />
  const { totals } = overview
  const range = ranges.find((known) => known.hours === hours)?.label ?? ''
  return (
    <div className="grid gap-5 lg:grid-cols-2 2xl:grid-cols-3 lg:max-2xl:[&>*:first-child]:col-span-2">
      <Chart
        title="Calls"
        summary={`${range}: ${number.format(totals.calls)} calls, of which ${number.format(totals.client_errors)} were answered with 4xx, ${number.format(totals.server_errors)} with 5xx, and ${number.format(totals.no_answer)} were not answered.`}
        data={data.calls}
        format={count}
      />
      <Chart
        title="Time of calls"
        summary={
          totals.p95_ms === null
            ? `${range}: no calls.`
            : `${range}: 95 of 100 calls took at most ${duration(totals.p95_ms)}, half of them at most ${duration(totals.p50_ms ?? 0)}; the provider’s time is included.`
        }
        data={data.times}
        format={duration}
      />
      <Chart
        title="Token refreshes"
        summary={`${range}: ${number.format(totals.refreshes)} succeeded, ${number.format(totals.refresh_failures)} failed.`}
        data={data.refreshes}
        format={count}
      />
    </div>
  )
}

function ChartsSkeleton() {
  return (
    <div className="grid gap-5 lg:grid-cols-2 2xl:grid-cols-3 lg:max-2xl:[&>*:first-child]:col-span-2">
      {['Calls', 'Time of calls', 'Token refreshes'].map((title) => (
        <Panel key={title} title={title}>
          <Skeleton className="h-[14.5rem]" />
        </Panel>
      ))}
    </div>
  )
}
