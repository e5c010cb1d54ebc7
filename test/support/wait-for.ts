/** Polls until `probe` gives something, for at most `seconds`; fails with what it last gave. */
export async function waitFor<T>(what: string, seconds: number, probe: () => Promise<T | null | false>): Promise<T> {
  const end = Date.now() + seconds * 1000
  for (;;) {
    const found = await probe()
    if (found !== null && found !== false) return found
    if (Date.now() > end) throw new Error(`${what}: not within ${seconds} s`)
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}
