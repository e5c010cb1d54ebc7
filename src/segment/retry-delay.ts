import { MAX_DELAY_SECONDS } from './limits.ts'

/** Seen by Segment as one attempt an hour; seen from here, about three days until the queue's retries are used up. */
const LONGEST_OWN_DELAY_SECONDS = 60 * 60

/**
 * Seconds until a message is delivered again after so many deliveries: 1, 2, 4, ... or, if that is longer, what Segment
 * asked for. Not what Segment asked for alone: a limit that says "one second" all day would use up the retries in minutes.
 */
export function retryDelaySeconds(attempts: number, asked: number | null): number {
  const own = Math.min(2 ** Math.min(Math.max(attempts - 1, 0), 31), LONGEST_OWN_DELAY_SECONDS)
  return Math.min(Math.max(own, asked ?? 0), MAX_DELAY_SECONDS)
}

/** Seconds that a `Retry-After` header asks for, as a number or as an HTTP date; null when it asks for nothing that can be read. */
export function readRetryAfter(header: string | null, now: number): number | null {
  const text = header?.trim() ?? ''
  if (/^\d+$/.test(text)) return Number(text)
  // A date begins with the name of its day; Date.parse takes many a number for a year.
  const at = /^[A-Z][a-z]{2,8},? /.test(text) ? Date.parse(text) : Number.NaN
  return Number.isNaN(at) ? null : Math.max(Math.ceil((at - now) / 1000), 0)
}
