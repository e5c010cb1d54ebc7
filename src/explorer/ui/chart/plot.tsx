import { useEffect, useRef } from 'react'
import uPlot from 'uplot'
import 'uplot/dist/uPlot.min.css'
import { formatClock, formatExact } from '../format.ts'
import { useIsDark } from '../theme.ts'
import styles from './chart.module.css'
import type { LineChartProps, SeriesTone } from './line-chart.tsx'

interface PlotProps extends LineChartProps {
  readonly height: number
  readonly format: (value: number) => string
}

/** Draws on a canvas, which has to be told its colours: other colours or series make another canvas. */
export default function Plot(props: PlotProps) {
  const shape = props.series.map(({ label, tone, bars }) => `${label}/${tone}/${bars}`).join()
  return <Canvas key={`${shape} ${useIsDark()} ${props.height}`} {...props} />
}

function Canvas(props: PlotProps) {
  const place = useRef<HTMLDivElement>(null)
  const plot = useRef<uPlot | null>(null)
  const latest = useRef(props)
  latest.current = props
  const { at, series } = props

  useEffect(() => {
    const parent = place.current
    if (!parent) return
    const chart = new uPlot(optionsOf(parent, latest), dataOf(latest.current), parent)
    plot.current = chart
    const sizes = new ResizeObserver(() => chart.setSize({ width: parent.clientWidth, height: latest.current.height }))
    sizes.observe(parent)
    return () => {
      sizes.disconnect()
      chart.destroy()
      plot.current = null
    }
  }, [])

  useEffect(() => plot.current?.setData(dataOf({ at, series })), [at, series])

  return <div ref={place} />
}

const days = new Intl.DateTimeFormat('en', { month: 'short', day: 'numeric' })

/** The day at midnight, the time of day else. `at` and `step` are in seconds. */
function formatTick(at: number, step: number): string {
  const clock = formatClock(at * 1000)
  return clock.startsWith('00:00:00') ? days.format(at * 1000) : clock.slice(0, step < 60 ? 8 : 5)
}

/** Most of the room that a point has, and no wider than 24 pixels. */
const BARS = uPlot.paths.bars?.({ size: [0.7, 24], radius: 0.15 })

function dataOf({ at, series }: Pick<PlotProps, 'at' | 'series'>): uPlot.AlignedData {
  return [[...at], ...series.map(({ values }) => [...values])]
}

function optionsOf(parent: HTMLElement, latest: { readonly current: PlotProps }): uPlot.Options {
  const { series, height, onSelectTime } = latest.current
  const color = colorsOf(parent)
  const axis = { stroke: color('muted'), font: `11px ${getComputedStyle(parent).fontFamily}`, ticks: { show: false } }
  const grid = { stroke: color('line'), width: 1 }
  return {
    width: parent.clientWidth,
    height,
    padding: [8, 8, 0, 0],
    legend: { show: false },
    cursor: { points: { size: 6 }, drag: { x: onSelectTime !== undefined, y: false, setScale: false } },
    scales: {
      x: { range: (_, min, max) => roomForBars(latest.current, min, max) },
      y: { range: (_, _min, max) => [0, max > 0 ? max * 1.1 : 1] },
    },
    axes: [
      {
        ...axis,
        grid: { show: false },
        space: 70,
        size: 26,
        values: (_, ticks, _axis, _space, step) => ticks.map((at) => formatTick(at, step)),
      },
      { ...axis, grid, size: 48, values: (_, ticks) => ticks.map((tick) => latest.current.format(tick)) },
    ],
    series: [
      {},
      ...series.map(
        ({ label, tone, bars }): uPlot.Series => ({
          label,
          stroke: color(tone),
          width: bars ? 0 : 1.5,
          points: { show: false },
          ...(bars && BARS ? { fill: color(tone), paths: BARS } : {}),
        }),
      ),
    ],
    hooks: {
      init: [(chart) => addTip(chart, latest)],
      setSelect: [
        (chart) => {
          const { left, width } = chart.select
          if (width < 5) return
          latest.current.onSelectTime?.(chart.posToVal(left, 'x'), chart.posToVal(left + width, 'x'))
          chart.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false)
        },
      ],
    },
  }
}

/** The first and the last bar are as wide as the others. */
function roomForBars({ at, series }: PlotProps, min: number, max: number): [number, number] {
  const half = series.some(({ bars }) => bars) ? ((at[1] ?? 0) - (at[0] ?? 0)) / 2 : 0
  return half > 0 ? [min - half, max + half] : [min, max]
}

/** The values under the mouse. */
function addTip(chart: uPlot, latest: { readonly current: PlotProps }): void {
  const tip = document.createElement('div')
  tip.className = styles.tip ?? ''
  chart.over.append(tip)
  chart.over.addEventListener('mouseleave', () => {
    tip.style.display = 'none'
  })
  chart.over.addEventListener('mousemove', () => {
    const { idx, left = 0 } = chart.cursor
    const { at, series, format } = latest.current
    const time = idx == null ? undefined : at[idx]
    if (idx == null || time === undefined) return
    const lines = series.map(({ label, values }) => `${label}  ${values[idx] == null ? '–' : format(values[idx] ?? 0)}`)
    tip.textContent = [formatExact(time * 1000), ...lines].join('\n')
    tip.style.display = 'block'
    const isRight = left > chart.over.clientWidth / 2
    tip.style.left = isRight ? 'auto' : `${left + 12}px`
    tip.style.right = isRight ? `${chart.over.clientWidth - left + 12}px` : 'auto'
  })
}

/** The style sheet's colours as the browser computes them. */
function colorsOf(parent: HTMLElement): (name: SeriesTone | 'line') => string {
  const probe = document.createElement('span')
  parent.append(probe)
  const colors = new Map(
    (['accent', 'danger', 'warning', 'success', 'muted', 'line'] as const).map((name) => {
      probe.style.color = `var(--${name})`
      return [name, getComputedStyle(probe).color]
    }),
  )
  probe.remove()
  return (name) => colors.get(name) ?? 'currentcolor'
}
