import type { Counts, Overview } from './overview-query.ts'

export interface ChartSeries {
  label: string
  /** Of the theme. */
  colour: 'accent' | 'good' | 'warn' | 'bad' | 'soft'
  /** Lines of one chart differ by dash, too, for those who do not see the colours. */
  draw: 'bars' | 'line' | 'dashed'
  values: (number | null)[]
}

export interface ChartData {
  /** In seconds since 1970. */
  at: number[]
  series: ChartSeries[]
}

type Name = keyof Counts

export function chartData(series: Overview['series'], wanted: readonly (Omit<ChartSeries, 'values'> & { of: Name })[]): ChartData {
  return {
    at: series.map(({ at }) => Date.parse(at) / 1000),
    series: wanted.map(({ of, ...look }) => ({ ...look, values: series.map((counts) => counts[of]) })),
  }
}
