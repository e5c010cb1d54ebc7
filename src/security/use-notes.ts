/** A key's last use is noted to the minute. */
const NOTE_INTERVAL_MS = 60_000

/** Keys remembered at most. Those that are forgotten are noted once more. */
const MAX_REMEMBERED = 10_000

/** Notes that keys were used, beside the requests and seldom. What fails is left to the key's next use. */
export function useNotes(
  touch: (keyId: string, at: number) => Promise<void>,
  now: () => number,
): (keyId: string, waitUntil: (work: Promise<unknown>) => void) => void {
  const noted = new Map<string, number>()
  return (keyId, waitUntil) => {
    const at = now()
    if (at - (noted.get(keyId) ?? Number.NEGATIVE_INFINITY) < NOTE_INTERVAL_MS) return
    if (noted.size >= MAX_REMEMBERED) noted.clear()
    noted.set(keyId, at)
    waitUntil(touch(keyId, at).catch(() => undefined))
  }
}
