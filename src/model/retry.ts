import { numberOption } from './number-option.ts'

/** How a call that failed for want of what it calls is repeated. The defaults are the store's, the publisher's or the monitor's. */
export interface RetryOptions {
  /** Tries in all, the first one included. */
  readonly attempts?: number | undefined
  /** Longest delay before the first repeat, in milliseconds; it doubles with every further one. */
  readonly firstDelayMs?: number | undefined
  /** Bound on that, in milliseconds. A longer `Retry-After` is honoured. */
  readonly longestDelayMs?: number | undefined
  /** No repeat begins so many milliseconds after the call. */
  readonly budgetMs?: number | undefined
}

export type RetryPolicy = { readonly [Option in keyof RetryOptions]-?: number }

/** The options with their defaults. Throws `TypeError` for what is no number in range. */
export function retryPolicy(given: RetryOptions | undefined, defaults: RetryPolicy): RetryPolicy {
  const option = (name: keyof RetryOptions, minimum?: number) =>
    numberOption(`retry.${name}`, given?.[name], defaults[name], minimum)
  return {
    attempts: option('attempts', 1),
    firstDelayMs: option('firstDelayMs'),
    longestDelayMs: option('longestDelayMs'),
    budgetMs: option('budgetMs'),
  }
}

/** Milliseconds to wait before the next try; null to give up. `failed` tries have failed, the last one after `elapsedMs`. */
export function delayBeforeRepeat(
  policy: RetryPolicy,
  failed: number,
  elapsedMs: number,
  retryAfterMs: number | undefined,
  random: number,
): number | null {
  if (failed >= policy.attempts) return null
  const delay = delayAfter(failed, policy, retryAfterMs, random)
  return elapsedMs + delay > policy.budgetMs ? null : delay
}

/** The same where there is no giving up. Full jitter: callers that failed together must not come back together. */
export function delayAfter(
  failed: number,
  { firstDelayMs, longestDelayMs }: Pick<RetryPolicy, 'firstDelayMs' | 'longestDelayMs'>,
  retryAfterMs: number | undefined,
  random: number,
): number {
  const bound = Math.min(longestDelayMs, firstDelayMs * 2 ** (failed - 1))
  return Math.max(random * bound, retryAfterMs ?? 0)
}
