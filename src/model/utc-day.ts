export const DAY_MS = 86_400_000

/** The day in UTC that a Unix time in ms lies in, counted from 1970-01-01. */
export function utcDay(ms: number): number {
  return Math.floor(ms / DAY_MS)
}
