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
