export const TIME_RANGES = ['15m', '1h', '6h', '24h', '7d', '30d'] as const
export type TimeRangeName = (typeof TIME_RANGES)[number]

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
const DAY_MS = 24 * HOUR_MS

export const RANGE_MS: Readonly<Record<TimeRangeName, number>> = {
  '15m': 15 * MINUTE_MS,
  '1h': HOUR_MS,
  '6h': 6 * HOUR_MS,
  '24h': DAY_MS,
  '7d': 7 * DAY_MS,
  '30d': 30 * DAY_MS,
}

export const DEFAULT_RANGE: TimeRangeName = '1h'

/** Bounds for the service, at the moment of asking: within a query's function, not in its key. */
export function boundsOf(range: TimeRangeName, now = Date.now()): { readonly since: string; readonly until: string } {
  return { since: new Date(now - RANGE_MS[range]).toISOString(), until: new Date(now).toISOString() }
}
