import { MAX_ACTIVITY_POINTS, MAX_OVERVIEW_DAYS } from './limits.ts'
import type { ActivityQuery, TimeRange } from './monitor.ts'
import { compareInstants, type Instant, microsBetween, toInstant } from './timestamp.ts'

/** What a reader asked for; ISO 8601 in UTC. */
export interface AskedRange {
  readonly since?: string | undefined
  readonly until?: string | undefined
}

export type RangeResult<Range> =
  | { readonly outcome: 'range'; readonly range: Range }
  /** `since` is not before `until`. */
  | { readonly outcome: 'empty' }
  | { readonly outcome: 'too-large'; readonly limit: 'range_days' | 'activity_points'; readonly maximum: number }

const DEFAULT_SECONDS = 3600
const MICROS_A_DAY = 86_400_000_000

/** The first and the last millisecond of the years 0001 to 9999, in Unix seconds: no timestamp has another year. */
const FIRST = -62_135_596_800
const LAST = 253_402_300_799.999

/** Steps to choose from, in seconds. */
const STEPS = [60, 300, 900, 3600]

/** The range with its defaults: until now (Unix ms), from an hour before. */
export function overviewRange({ since, until }: AskedRange, now: number): RangeResult<TimeRange> {
  const end = (until === undefined ? null : toInstant(until)) ?? instantOfMs(now)
  const start = (since === undefined ? null : toInstant(since)) ?? { ...end, seconds: within(end.seconds - DEFAULT_SECONDS) }
  if (compareInstants(start, end) >= 0) return { outcome: 'empty' }
  if (microsBetween(start, end) > MAX_OVERVIEW_DAYS * MICROS_A_DAY) {
    return { outcome: 'too-large', limit: 'range_days', maximum: MAX_OVERVIEW_DAYS }
  }
  return { outcome: 'range', range: { since: isoOf(start), until: isoOf(end) } }
}

/** The same in whole minutes, which is how activity is counted: those that the range touches. The step is chosen where none is given. */
export function activityRange(
  { step, ...asked }: AskedRange & { readonly step?: number | undefined },
  now: number,
): RangeResult<ActivityQuery> {
  const result = overviewRange(asked, now)
  if (result.outcome !== 'range') return result
  const { seconds: start } = toInstant(result.range.since) as Instant
  const { seconds: end, micros } = toInstant(result.range.until) as Instant
  const since = Math.floor(start / 60) * 60
  const until = within(Math.ceil((end + Math.sign(micros)) / 60) * 60)
  const points = (seconds: number) => Math.ceil(until / seconds) - Math.floor(since / seconds)
  const chosen = step ?? STEPS.find((one) => points(one) <= MAX_ACTIVITY_POINTS) ?? 3600
  if (points(chosen) > MAX_ACTIVITY_POINTS)
    return { outcome: 'too-large', limit: 'activity_points', maximum: MAX_ACTIVITY_POINTS }
  const iso = (seconds: number) => new Date(seconds * 1000).toISOString()
  return { outcome: 'range', range: { since: iso(since), until: iso(until), step: chosen } }
}

function within(seconds: number): number {
  return Math.min(Math.max(seconds, FIRST), LAST)
}

function instantOfMs(ms: number): Instant {
  const seconds = Math.floor(ms / 1000)
  return { seconds, micros: Math.round((ms - seconds * 1000) * 1000) }
}

function isoOf({ seconds, micros }: Instant): string {
  const fraction = micros % 1000 === 0 ? String(micros / 1000).padStart(3, '0') : String(micros).padStart(6, '0')
  return `${new Date(seconds * 1000).toISOString().slice(0, 19)}.${fraction}Z`
}
