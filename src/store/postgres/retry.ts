export interface RetryPolicy {
  /** Calls to the database at most, the first one included. */
  readonly attempts: number
  /** Upper bound of the first delay in ms; it doubles with every attempt. */
  readonly baseMs: number
  /** No delay is longer, in ms. */
  readonly maxDelayMs: number
  /** No attempt begins later than this after the first, in ms: the caller waits for the answer. */
  readonly budgetMs: number
}

/** Bridges a lost connection, a deadlock or a compute node that wakes up. Longer outages are the queue's to wait for. */
export const DEFAULT_RETRY: RetryPolicy = { attempts: 3, baseMs: 50, maxDelayMs: 1_000, budgetMs: 10_000 }

export interface FailedAttempt {
  /** From 1. */
  readonly attempt: number
  readonly transient: boolean
  /** Since the first attempt began. */
  readonly elapsedMs: number
}

/**
 * Milliseconds to wait before the next attempt; null when there should be none. Full jitter: `random`, in [0, 1), takes any
 * share of the delay, so that callers that failed together do not come back together.
 */
export function nextDelay(failed: FailedAttempt, random: number, policy: RetryPolicy): number | null {
  if (!failed.transient || failed.attempt >= policy.attempts) return null
  const delay = random * Math.min(policy.maxDelayMs, policy.baseMs * 2 ** (failed.attempt - 1))
  return failed.elapsedMs + delay > policy.budgetMs ? null : delay
}
