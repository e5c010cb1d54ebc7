import { numberOption } from './number-option.ts'
import { startTimer } from './timers.ts'

/** How a call that failed for want of the service is repeated. */
export interface RetryOptions {
  /** Tries in all, the first one included. */
  readonly attempts: number
  /** Longest delay before the first repeat, in milliseconds; it doubles with every further one. */
  readonly firstDelayMs: number
  /** Bound on that, in milliseconds. A longer `Retry-After` is honoured. */
  readonly longestDelayMs: number
  /** No repeat begins so many milliseconds after the call. */
  readonly budgetMs: number
}

export const DEFAULT_RETRY: RetryOptions = { attempts: 8, firstDelayMs: 100, longestDelayMs: 5_000, budgetMs: 60_000 }

/** The options with their defaults. Throws `TypeError` for what is no number in range. */
export function retryOptions(
  given: { readonly [Option in keyof RetryOptions]?: number | undefined } = {},
  defaults: RetryOptions = DEFAULT_RETRY,
): RetryOptions {
  const option = (name: keyof RetryOptions, minimum?: number) =>
    numberOption(`retry.${name}`, given[name], defaults[name], minimum)
  return {
    attempts: option('attempts', 1),
    firstDelayMs: option('firstDelayMs'),
    longestDelayMs: option('longestDelayMs'),
    budgetMs: option('budgetMs'),
  }
}

/** What the repeats take from outside, for tests. */
export interface Timing {
  /** Milliseconds since some instant, never stepping back. */
  readonly now: () => number
  /** From 0 to 1, exclusive. */
  readonly random: () => number
  /** Rejects with the signal's reason when that aborts. */
  readonly wait: (ms: number, signal?: AbortSignal) => Promise<void>
}

export const REAL_TIMING: Timing = { now: () => performance.now(), random: () => Math.random(), wait }

/** 520 and up are Cloudflare's own, when it does not get through to what stands behind it. */
const REPEATABLE: ReadonlySet<number> = new Set([408, 425, 429, 500, 502, 503, 504, 507, 520, 521, 522, 523, 524, 530])

/** Whether a status outside 2xx may pass by itself. */
export function isRepeatable(status: number): boolean {
  return REPEATABLE.has(status)
}

/** Whether a status outside 2xx says that the request took no effect. */
export function isRefusal(status: number): boolean {
  return status === 503 || (status >= 400 && status < 500 && status !== 408)
}

/** Milliseconds to wait before the next try; null to give up. `failed` tries have failed, the last one after `elapsedMs`. */
export function delayBeforeRepeat(
  options: RetryOptions,
  failed: number,
  elapsedMs: number,
  retryAfterMs: number | undefined,
  random: number,
): number | null {
  if (failed >= options.attempts) return null
  const delay = delayAfter(failed, options, retryAfterMs, random)
  return elapsedMs + delay > options.budgetMs ? null : delay
}

/** The same where there is no giving up. Full jitter: clients that failed together must not come back together. */
export function delayAfter(
  failed: number,
  { firstDelayMs, longestDelayMs }: Pick<RetryOptions, 'firstDelayMs' | 'longestDelayMs'>,
  retryAfterMs: number | undefined,
  random: number,
): number {
  const bound = Math.min(longestDelayMs, firstDelayMs * 2 ** (failed - 1))
  return Math.max(random * bound, retryAfterMs ?? 0)
}

function wait(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const aborted = () => {
      clearTimeout(timer)
      reject(signal?.reason)
    }
    const timer = startTimer(() => {
      signal?.removeEventListener('abort', aborted)
      resolve()
    }, ms)
    if (signal?.aborted) aborted()
    else signal?.addEventListener('abort', aborted, { once: true })
  })
}
