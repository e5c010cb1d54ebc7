import { pause } from '../writers.ts'

const POLL_MS = 500

/** Whether it came true in time. Ends with the signal's reason. */
export async function until(probe: () => Promise<boolean>, ms: number, signal: AbortSignal): Promise<boolean> {
  const deadline = performance.now() + ms
  while (!(await probe())) {
    signal.throwIfAborted()
    if (performance.now() > deadline) return false
    await pause(POLL_MS)
  }
  return true
}

/** Whether it settled in time. Rejects as it does, and ends with the signal's reason. */
export async function within(promise: Promise<unknown>, ms: number, signal: AbortSignal): Promise<boolean> {
  let isSettled = false
  const settled = promise.then(() => {
    isSettled = true
  })
  settled.catch(() => undefined)
  return until(
    async () => {
      await Promise.race([settled, pause(POLL_MS)])
      return isSettled
    },
    ms,
    signal,
  )
}
