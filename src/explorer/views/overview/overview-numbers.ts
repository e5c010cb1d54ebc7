import type { Activity, AssistantActivity } from '../../../client/monitor/index.ts'
import { RANGE_MS, type TimeRangeName } from '../../routing/ranges.ts'

/** Seconds of a step, so that a chart has 15 to 180 of them. */
const STEP_SECONDS: Readonly<Record<TimeRangeName, number>> = {
  '15m': 60,
  '1h': 60,
  '6h': 300,
  '24h': 900,
  '7d': 3_600,
  '30d': 14_400,
}

export interface OverviewBounds {
  readonly since: string
  readonly until: string
  /** Seconds. */
  readonly step: number
}

/** What to ask for: whole steps, the last of which is not over yet. */
export function overviewBounds(range: TimeRangeName, now = Date.now()): OverviewBounds {
  const step = STEP_SECONDS[range]
  const since = Math.floor((now - RANGE_MS[range]) / (step * 1000)) * step * 1000
  return { since: new Date(since).toISOString(), until: new Date(now).toISOString(), step }
}

/** Values of every step, those without events too. */
export interface ActivitySeries {
  /** Unix seconds of the steps' beginnings. */
  readonly at: readonly number[]
  readonly events: readonly number[]
  readonly failures: readonly number[]
  readonly totals: { readonly events: number; readonly failures: number }
}

export function activitySeries({ since, until, step, points }: Activity): ActivitySeries {
  const first = Math.floor(Date.parse(since) / 1000 / step)
  const count = Math.max(0, Math.ceil(Date.parse(until) / 1000 / step) - first)
  const at = Array.from({ length: count }, (_, index) => (first + index) * step)
  const events = at.map(() => 0)
  const failures = at.map(() => 0)
  const totals = { events: 0, failures: 0 }
  for (const point of points) {
    totals.events += point.events
    totals.failures += point.failures
    const index = Math.floor(Date.parse(point.at) / 1000 / step) - first
    if (index < 0 || index >= count) continue
    events[index] = point.events
    failures[index] = point.failures
  }
  return { at, events, failures, totals }
}

/** `minute`, `5 minutes`, `hour`: what the counts of a chart are per. */
export function stepName(seconds: number): string {
  const [length, unit] = seconds % 3_600 === 0 ? [seconds / 3_600, 'hour'] : [seconds / 60, 'minute']
  return length === 1 ? unit : `${length} ${unit}s`
}

export interface AssistantTotals {
  readonly requests: number
  readonly responses: number
  readonly failures: number
  /** From 0 to 1; null when nothing ended. */
  readonly successRate: number | null
}

export function assistantTotals(assistants: readonly AssistantActivity[]): AssistantTotals {
  const sum = (of: (one: AssistantActivity) => number) => assistants.reduce((total, one) => total + of(one), 0)
  const [responses, failures] = [sum((one) => one.responses), sum((one) => one.failures)]
  const ended = responses + failures
  return { requests: sum((one) => one.requests), responses, failures, successRate: ended === 0 ? null : responses / ended }
}
