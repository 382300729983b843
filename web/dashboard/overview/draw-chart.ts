import UPlot from 'uplot'
import type { ChartData, ChartSeries } from './chart-series.ts'

export const CHART_PX = 180
const DASH = [5, 4]

const themed = (name: string) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim()

/** `onPoint`: index under the pointer, or null. `format`: of values at the axis. */
export function drawChart(
  place: HTMLElement,
  { at, series }: ChartData,
  options: { format: (value: number) => string; onPoint: (index: number | null) => void },
): UPlot {
  const axis = {
    stroke: () => themed('soft'),
    grid: { stroke: () => themed('line'), width: 1 },
    ticks: { show: false },
    font: '12px system-ui, sans-serif',
  }
  return new UPlot(
    {
      width: Math.max(place.clientWidth, 100),
      height: CHART_PX,
      padding: [8, 20, 0, 0],
      legend: { show: false },
      cursor: { y: false, drag: { setScale: false, x: false, y: false }, points: { size: 6 } },
      scales: { y: { range: (_plot, _low, high) => [0, Math.max(high ?? 0, 1) * 1.1] } },
      axes: [axis, { ...axis, size: 56, values: (_plot, ticks) => ticks.map((tick) => (tick === null ? '' : options.format(tick))) }],
      series: [{}, ...series.map(seriesOf)],
      hooks: { setCursor: [(plot) => options.onPoint(plot.cursor.idx ?? null)] },
    },
    [at, ...series.map(({ values }) => values)] as UPlot.AlignedData,
    place,
  )
}

function seriesOf({ label, colour, draw }: ChartSeries): UPlot.Series {
  const stroke = () => themed(colour)
  if (draw !== 'bars') return { label, stroke, width: 2, points: { show: false }, ...(draw === 'dashed' ? { dash: DASH } : {}) }
  const paths = UPlot.paths.bars?.({ size: [0.7, 24], align: 1 })
  return { label, stroke, fill: stroke, width: 0, points: { show: false }, ...(paths ? { paths } : {}) }
}
