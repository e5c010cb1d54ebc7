import { backoffSeconds } from '../model/backoff.ts'
import { readRetryAfter } from '../model/retry-after.ts'
import { MAX_DELAY_SECONDS } from './limits.ts'

/** Seen by Segment as one attempt an hour; seen from here, about three days until the queue's retries are used up. */
const LONGEST_OWN_DELAY_SECONDS = 60 * 60

/**
 * Seconds until a message is delivered again after so many deliveries: 1, 2, 4, ... or, if that is longer, what Segment
 * asked for. Not what Segment asked for alone: a limit that says "one second" all day would use up the retries in minutes.
 */
export function retryDelaySeconds(attempts: number, asked: number | null): number {
  return Math.min(Math.max(backoffSeconds(attempts, LONGEST_OWN_DELAY_SECONDS), asked ?? 0), MAX_DELAY_SECONDS)
}

/** Whole seconds that a `Retry-After` header asks for; null when it asks for nothing that can be read. */
export function retryAfterSeconds(header: string | null, now: number): number | null {
  const ms = readRetryAfter(header, now)
  return ms === null ? null : Math.ceil(ms / 1000)
}
