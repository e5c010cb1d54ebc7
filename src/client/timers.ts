/** Of a timer: beyond, browsers, Workers and Node take 1 ms in its place. */
const MAX_TIMER_MS = 2 ** 31 - 1

/** As `setTimeout`, for delays of any length. */
export function startTimer(run: () => void, ms: number): ReturnType<typeof setTimeout> {
  return setTimeout(run, Math.min(Math.max(ms, 0), MAX_TIMER_MS))
}

/** Resolves when the work is settled, however it ends, and after so many milliseconds at the latest. */
export async function settledWithin(work: Promise<unknown>, ms: number): Promise<void> {
  let stop = () => {}
  const late = new Promise<void>((resolve) => {
    const timer = startTimer(resolve, ms)
    stop = () => clearTimeout(timer)
  })
  try {
    await Promise.race([work, late])
  } finally {
    stop()
  }
}
