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
export function retryOptions(given: { readonly [Option in keyof RetryOptions]?: number | undefined } = {}): RetryOptions {
  const { attempts, firstDelayMs, longestDelayMs, budgetMs } = DEFAULT_RETRY
  return {
    attempts: numberOption('retry.attempts', given.attempts, attempts, 1),
    firstDelayMs: numberOption('retry.firstDelayMs', given.firstDelayMs, firstDelayMs),
    longestDelayMs: numberOption('retry.longestDelayMs', given.longestDelayMs, longestDelayMs),
    budgetMs: numberOption('retry.budgetMs', given.budgetMs, budgetMs),
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

/** With these the service says that it did nothing. */
const REFUSALS: ReadonlySet<number> = new Set([429, 503])

/** Whether a status outside 2xx may pass by itself. */
export function isRepeatable(status: number): boolean {
  return REPEATABLE.has(status)
}

/** Whether a status outside 2xx says that the request took no effect. */
export function isRefusal(status: number): boolean {
  return REFUSALS.has(status) || (status >= 400 && status < 500 && status !== 408)
}

/**
 * Milliseconds to wait before the next try; null to give up. `failed` tries have failed, the last one after `elapsedMs`.
 * Full jitter: clients that failed together must not come back together.
 */
export function delayBeforeRepeat(
  options: RetryOptions,
  failed: number,
  elapsedMs: number,
  retryAfterMs: number | undefined,
  random: number,
): number | null {
  if (failed >= options.attempts) return null
  const bound = Math.min(options.longestDelayMs, options.firstDelayMs * 2 ** (failed - 1))
  const delay = Math.max(random * bound, retryAfterMs ?? 0)
  return elapsedMs + delay > options.budgetMs ? null : delay
}

/** Milliseconds; whoever asks for more has a wrong clock or no idea. */
const LONGEST_RETRY_AFTER = 24 * 3600 * 1000

/** `Retry-After` in milliseconds from `now` (Unix ms): seconds or an HTTP date, RFC 9110, section 10.2.3. More than a day is not believed. */
export function parseRetryAfter(header: string | null, now: number): number | undefined {
  if (header === null) return undefined
  const ms = /^\s*\d+\s*$/.test(header) ? Number(header) * 1000 : Math.max(0, Date.parse(header) - now)
  return ms <= LONGEST_RETRY_AFTER ? ms : undefined
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
