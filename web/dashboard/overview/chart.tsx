import { useEffect, useEffectEvent, useRef, useState } from 'react'
import type UPlot from 'uplot'
import 'uplot/dist/uPlot.min.css'
import { Button } from '../../ui/button.tsx'
import { Panel } from '../../ui/panel.tsx'
import { ChartLegend } from './chart-legend.tsx'
import type { ChartData } from './chart-series.ts'
import { ChartTable } from './chart-table.tsx'
import { CHART_PX, drawChart } from './draw-chart.ts'

interface ChartProps {
  title: string
  /** The whole in one sentence, for those who do not see the picture. */
  summary: string
  data: ChartData
  format: (value: number) => string
}

export function Chart({ title, summary, data, format }: ChartProps) {
  const [isTable, setTable] = useState(false)
  const [point, setPoint] = useState<number | null>(null)
  return (
    <Panel
      title={title}
      actions={
        <Button size="small" look="quiet" aria-pressed={isTable} onClick={() => setTable(!isTable)}>
          {isTable ? 'Show the chart' : 'Show as a table'}
        </Button>
      }
    >
      <ChartLegend data={data} point={isTable ? null : point} format={format} />
      {isTable ? (
        <ChartTable name={title} data={data} format={format} />
      ) : (
        <Plot summary={`${title}. ${summary}`} data={data} format={format} onPoint={setPoint} />
      )}
    </Panel>
  )
}

interface PlotProps extends Pick<ChartProps, 'summary' | 'data' | 'format'> {
  onPoint: (index: number | null) => void
}

function Plot({ summary, data, format, onPoint }: PlotProps) {
  const place = useRef<HTMLDivElement>(null)
  const plot = useRef<UPlot>(undefined)
  const pointed = useEffectEvent(onPoint)
  const shape = data.series.map(({ label }) => label).join()
  const first = useEffectEvent((element: HTMLElement) => drawChart(element, data, { format, onPoint: pointed }))
  useEffect(() => {
    const element = place.current
    if (!element) return
    const drawn = first(element)
    plot.current = drawn
    const resized = new ResizeObserver(() => drawn.setSize({ width: Math.max(element.clientWidth, 100), height: CHART_PX }))
    resized.observe(element)
    const recoloured = new MutationObserver(() => drawn.redraw(false))
    recoloured.observe(document.documentElement, { attributeFilter: ['data-theme'] })
    return () => {
      resized.disconnect()
      recoloured.disconnect()
      plot.current = undefined
      drawn.destroy()
    }
  }, [shape])
  useEffect(() => {
    plot.current?.setData([data.at, ...data.series.map(({ values }) => values)] as UPlot.AlignedData)
  }, [data])
  return <div ref={place} role="img" aria-label={summary} className="overflow-hidden" style={{ height: CHART_PX }} />
}
