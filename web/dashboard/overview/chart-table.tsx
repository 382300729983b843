import { CHART_PX } from './draw-chart.ts'
import type { ChartData } from './chart-series.ts'

const time = new Intl.DateTimeFormat(undefined, { dateStyle: 'short', timeStyle: 'short' })

/** The same figures as text, latest first. */
export function ChartTable({ name, data, format }: { name: string; data: ChartData; format: (value: number) => string }) {
  const rows = data.at.map((at, index) => ({ at, values: data.series.map(({ values }) => values[index] ?? null) })).toReversed()
  return (
    <div role="region" aria-label={`${name}, as a table`} tabIndex={0} className="overflow-auto" style={{ height: CHART_PX }}>
      <table className="w-full text-sm">
        <thead className="sticky top-0 bg-card text-left text-soft">
          <tr>
            <th className="py-1 pr-3 font-normal">Since</th>
            {data.series.map(({ label }) => (
              <th key={label} className="px-3 text-right font-normal">
                {label}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map(({ at, values }) => (
            <tr key={at} className="border-t border-line">
              <th scope="row" className="py-1 pr-3 text-left font-normal whitespace-nowrap">
                {time.format(at * 1000)}
              </th>
              {values.map((value, index) => (
                <td key={data.series[index]?.label} className="px-3 text-right tabular-nums">
                  {value === null ? '–' : format(value)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}
