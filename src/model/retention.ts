import { DAY_MS, utcDay } from './utc-day.ts'

/** A hundred years: dates before 1970 stay far away. */
const MAX_DAYS = 36_500

export function isRetentionDays(days: number): boolean {
  return Number.isInteger(days) && days >= 1 && days <= MAX_DAYS
}

/**
 * Unix ms: what was recorded at or before it is past a term of so many days. It is the end of a day in UTC, so that every look within a
 * day finds the same, and an event stays for `days` at least and less than a day longer.
 */
export function retentionMarker(now: number, days: number): number {
  return (utcDay(now) - days) * DAY_MS - 1
}
