/** News can get lost, and another deployment may write to the same database: a reader looks this often without any. */
export const LOOK_INTERVAL_MS = 15_000

/** Between two looks of a reader, however much news there is. */
export const SHORTEST_LOOK_MS = 250

/** All readers of a tenant hear of news at once and ask one Postgres: they spread over this time for each of them. */
export const SPREAD_MS = 10

export interface LooksDeps {
  /** Unix ms. */
  readonly now: () => number
  /** In [0, 1). */
  readonly random: () => number
}

/** When a reader of a live feed looks for more: soon after news, and now and then without. */
export class FeedLooks {
  readonly #deps: LooksDeps
  #lookedAt: number
  /** A look that is due before the regular one. */
  #dueAt = Number.POSITIVE_INFINITY
  #readers = 1
  #heard = false
  #over = false
  #wake: (() => void) | null = null

  constructor(deps: LooksDeps) {
    this.#deps = deps
    this.#lookedAt = deps.now()
  }

  /** There is news. What comes during a look leads to another. */
  news(readers = this.#readers): void {
    this.#heard = true
    this.#readers = readers
    this.#wake?.()
  }

  /** Looks again after so many milliseconds, whatever there is before. */
  after(ms: number): void {
    this.#dueAt = this.#deps.now() + ms
  }

  /** Nobody reads any more. */
  end(): void {
    this.#over = true
    this.#wake?.()
  }

  /** Resolves when it is time to look, with true, or when nobody reads any more. */
  async next(): Promise<boolean> {
    const { now, random } = this.#deps
    await this.#until(Math.min(this.#dueAt, this.#lookedAt + LOOK_INTERVAL_MS), () => this.#heard)
    const spread = this.#heard ? random() * (this.#readers - 1) * SPREAD_MS : 0
    await this.#until(Math.max(this.#lookedAt + SHORTEST_LOOK_MS, now() + spread), () => false)
    this.#heard = false
    this.#lookedAt = now()
    if (this.#dueAt <= this.#lookedAt) this.#dueAt = Number.POSITIVE_INFINITY
    return !this.#over
  }

  /** Waits until then, or for what may have come before. */
  async #until(at: number, enough: () => boolean): Promise<void> {
    while (!this.#over && !enough() && this.#deps.now() < at) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, at - this.#deps.now())
        this.#wake = () => {
          clearTimeout(timer)
          resolve()
        }
      })
    }
    this.#wake = null
  }
}
