/** Of a timer: beyond, browsers, Workers and Node take 1 ms in its place. */
const MAX_TIMER_MS = 2 ** 31 - 1

/** As `setTimeout`, for delays of any length. */
export function startTimer(run: () => void, ms: number): ReturnType<typeof setTimeout> {
  return setTimeout(run, Math.min(Math.max(ms, 0), MAX_TIMER_MS))
}

/** The work's outcome, or what `late` gives where that takes longer than so many milliseconds. */
export function within<T>(work: Promise<T>, ms: number, late: () => T | Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = startTimer(() => resolve(late()), ms)
    work.then(resolve, reject).finally(() => clearTimeout(timer))
  })
}

/** What repeats take from outside, so that tests need not wait. */
export interface Timing {
  /** Milliseconds since some instant, never stepping back. */
  readonly now: () => number
  /** From 0 to 1, exclusive. */
  readonly random: () => number
  /** Rejects with the signal's reason when that aborts. */
  readonly wait: (ms: number, signal?: AbortSignal) => Promise<void>
}

export const REAL_TIMING: Timing = { now: () => performance.now(), random: () => Math.random(), wait }

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
