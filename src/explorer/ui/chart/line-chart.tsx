import { lazy, Suspense, useState } from 'react'
import { Button } from '../button/button.tsx'
import { formatExact } from '../format.ts'
import { Table } from '../table/table.tsx'
import styles from './chart.module.css'

export type SeriesTone = 'accent' | 'danger' | 'warning' | 'success' | 'muted'

export interface Series {
  readonly label: string
  /** One a point in time; null for none. */
  readonly values: readonly (number | null)[]
  readonly tone: SeriesTone
  /** Bars instead of a line. */
  readonly bars?: boolean
}

export interface LineChartProps {
  readonly title: string
  /** In a sentence, what the chart shows: for those who do not see it. */
  readonly summary: string
  /** Unix seconds, ascending. */
  readonly at: readonly number[]
  readonly series: readonly Series[]
  /** How a value is written. Default: as a number. */
  readonly format?: (value: number) => string
  /** In pixels. */
  readonly height?: number
  /** Called with Unix seconds when a stretch of time is marked with the mouse. */
  readonly onSelectTime?: (from: number, to: number) => void
}

const Plot = lazy(() => {
  giveUsableLanguage()
  return import('./plot.tsx')
})

/** uPlot makes a number format of the browser's language as it loads, which throws for what is no language tag, such as `en-US@posix`. */
function giveUsableLanguage(): void {
  try {
    new Intl.NumberFormat(navigator.language)
  } catch {
    Object.defineProperty(navigator, 'language', { value: 'en', configurable: true })
  }
}

/** Values over time, with the same as a table for those who want that. The library that draws comes on its own. */
export function LineChart(props: LineChartProps) {
  const { title, summary, at, series, format = String, height = 180 } = props
  const [isTable, setIsTable] = useState(false)
  const columns = [
    { id: 'at', header: 'Time', cell: (row: number) => formatExact((at[row] ?? 0) * 1000) },
    ...series.map(({ label, values }) => ({
      id: label,
      header: label,
      align: 'end' as const,
      cell: (row: number) => {
        const value = values[row]
        return value == null ? '–' : format(value)
      },
    })),
  ]
  return (
    <figure className={styles.figure}>
      <figcaption className={styles.caption}>
        <h2 className={styles.title}>{title}</h2>
        <ul className={styles.legend}>
          {series.map(({ label, tone, bars }) => (
            <li key={label} className={styles[tone]}>
              <span className={bars ? styles.square : styles.stroke} />
              {label}
            </li>
          ))}
        </ul>
        <Button look="quiet" aria-pressed={isTable} onClick={() => setIsTable(!isTable)}>
          {isTable ? 'Chart' : 'Table'}
        </Button>
      </figcaption>
      {isTable ? (
        <div className={styles.rows}>
          <Table caption={title} columns={columns} rows={at.map((_, row) => row)} rowKey={String} />
        </div>
      ) : (
        <div role="img" aria-label={`${title}. ${summary}`} className={styles.plot} style={{ height }}>
          <Suspense fallback={null}>
            <Plot {...props} height={height} format={format} />
          </Suspense>
        </div>
      )}
    </figure>
  )
}
