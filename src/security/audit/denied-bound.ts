/** Anyone can send requests that are denied: this many a minute and isolate stand in the log one by one. */
export const MAX_DENIED_PER_MINUTE = 60
const MINUTE_MS = 60_000

export interface LeftOut {
  readonly count: number
  /** When the minute began, Unix ms. */
  readonly since: number
}

/** Bounds what nobody in particular can write to the audit log, and counts the rest. */
export class DeniedBound {
  #since = Number.NEGATIVE_INFINITY
  #admitted = 0
  #leftOut = 0

  /** Whether a denied request has a place in the log; `first` is the first one that has none in its minute. */
  admit(now: number): 'admitted' | 'first-left-out' | 'left-out' {
    if (now >= this.#since + MINUTE_MS) {
      this.#since = now
      this.#admitted = 0
    }
    if (this.#admitted < MAX_DENIED_PER_MINUTE) {
      this.#admitted += 1
      return 'admitted'
    }
    this.#leftOut += 1
    return this.#leftOut === 1 ? 'first-left-out' : 'left-out'
  }

  /** Those left out so far, once their minute is over; each is told of once. */
  takeLeftOut(now: number): LeftOut | null {
    if (this.#leftOut === 0 || now < this.#since + MINUTE_MS) return null
    const leftOut = { count: this.#leftOut, since: this.#since }
    this.#leftOut = 0
    return leftOut
  }
}
