import { useMemo } from 'react'
import { LineChart } from '../../ui/chart/line-chart.tsx'
import { formatCompact, formatCount } from '../../ui/format.ts'
import { RelativeTime } from '../../ui/time.tsx'
import styles from './overview.module.css'
import { type ActivitySeries, stepName } from './overview-numbers.ts'

export interface ActivityChartProps {
  readonly series: ActivitySeries
  /** Seconds. */
  readonly step: number
  /** When something was last recorded; null when that is not known. */
  readonly newestAt: string | null
}

/** Failures stand within the events that they are some of. */
export function ActivityChart({ series: { at, events, failures, totals }, step, newestAt }: ActivityChartProps) {
  const most = Math.max(0, ...events)
  const summary = `${formatCount(totals.events)} events, ${formatCount(totals.failures)} of them failures; at most ${formatCount(most)} per ${stepName(step)}.`
  const series = useMemo(
    () => [
      { label: 'Events', values: events, tone: 'accent' as const, bars: true },
      { label: 'Failures', values: failures, tone: 'danger' as const, bars: true },
    ],
    [events, failures],
  )
  return (
    <div>
      <LineChart
        title={`Events per ${stepName(step)}`}
        summary={summary}
        at={at}
        series={series}
        format={formatCompact}
        height={200}
      />
      {totals.events === 0 && newestAt !== null && (
        <p className={styles.quiet}>
          Nothing happened in this time. The newest conversation had its last event <RelativeTime at={newestAt} />.
        </p>
      )}
    </div>
  )
}
