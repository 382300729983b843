import type { ChartData, ChartSeries } from './chart-series.ts'

const STROKES = { accent: 'stroke-accent', good: 'stroke-good', warn: 'stroke-warn', bad: 'stroke-bad', soft: 'stroke-soft' }
const time = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' })

interface ChartLegendProps {
  data: ChartData
  /** Of the time under the pointer. */
  point: number | null
  format: (value: number) => string
}

/** What the lines are, and their values at the pointer. The second line keeps its place while there is none. */
export function ChartLegend({ data, point, format }: ChartLegendProps) {
  const at = point === null ? undefined : data.at[point]
  return (
    <div className="pb-2 text-sm">
      <ul className="flex flex-wrap gap-x-5 gap-y-1">
        {data.series.map((series) => {
          const value = point === null ? undefined : series.values[point]
          return (
            <li key={series.label} className="flex items-center gap-1.5">
              <Sample series={series} />
              {series.label}
              <span className="min-w-10 tabular-nums text-soft">{value === undefined || value === null ? '' : format(value)}</span>
            </li>
          )
        })}
      </ul>
      <p className="h-5 text-soft" aria-hidden="true">
        {at !== undefined && time.format(at * 1000)}
      </p>
    </div>
  )
}

function Sample({ series: { colour, draw } }: { series: ChartSeries }) {
  return (
    <svg aria-hidden="true" viewBox="0 0 20 10" className={`h-2.5 w-5 ${STROKES[colour]}`}>
      {draw === 'bars' ? (
        <path d="M4 10V4M10 10V0M16 10V6" strokeWidth="4" />
      ) : (
        <path d="M0 5H20" strokeWidth="2.5" strokeDasharray={draw === 'dashed' ? '5 4' : undefined} />
      )}
    </svg>
  )
}
