import { startTimer, within } from './timers.ts'

/**
 * Nothing waits longer for what came before it. In a Worker that may be of a request that has ended, whose work never goes on.
 */
const TURN_MS = 5_000

/** Lets work go on in the order in which it came, however long each takes to get ready. */
export class Turns {
  /** Resolves when what came last has gone on, or has failed. */
  #last: Promise<unknown> = Promise.resolve()
  readonly #pending = new Set<Promise<unknown>>()

  /** Goes on when `ready` has resolved, behind what came before. Rejects with the failure of either, and holds up nobody from then on. */
  async take<T, R>(ready: Promise<T>, goOn: (value: T) => Promise<R>): Promise<R> {
    const before = this.past()
    const turn = Promise.all([ready, before]).then(([value]) => ({ result: goOn(value) }))
    // Who waits for this hears of its failure before those who wait for all that came.
    const gone = turn.catch(() => new Promise<void>((resolve) => startTimer(resolve, 0)))
    this.#last = Promise.all([before, gone])
    this.#pending.add(gone)
    gone.then(() => this.#pending.delete(gone))
    return (await turn).result
  }

  /** Resolves when what came before has gone on or failed, after five seconds in any case. */
  async past(): Promise<void> {
    await within(this.#last, TURN_MS, () => undefined)
  }

  /** As `past`, however long it takes. */
  async allPast(): Promise<void> {
    await Promise.all(this.#pending)
  }
}
