import type { Part, PartLayout } from './part.ts'
import type { NamedPart } from './parts.ts'

/** Layouts that are kept, so that going back and forth is instant. */
const KEPT = 400

/** What lays out one part elsewhere than on the page's thread. It always comes to an answer. */
export interface LayoutMaker {
  layOut(part: Part): Promise<PartLayout>
}

interface Wish {
  readonly parts: readonly NamedPart[]
  readonly onDone: () => void
}

/**
 * Lays out parts one after the other and keeps what it made. Of the wishes that come while it works only the last is looked at. A wish
 * is given up for a later one while it still lacks parts, and else done: a graph that grows all the time is shown all the time.
 */
export class Layouts {
  readonly #maker: LayoutMaker
  readonly #made = new Map<string, PartLayout>()
  #next: Wish | null = null
  #isWorking = false

  constructor(maker: LayoutMaker) {
    this.#maker = maker
  }

  of({ key }: NamedPart): PartLayout | undefined {
    return this.#made.get(key)
  }

  /** `onDone` is called once all parts have their layout, unless something else is wanted before. */
  want(parts: readonly NamedPart[], onDone: () => void): void {
    this.#next = { parts, onDone }
    if (!this.#isWorking) void this.#work()
  }

  async #work(): Promise<void> {
    this.#isWorking = true
    for (let wish = this.#next; wish; wish = this.#next) {
      this.#next = null
      await this.#grant(wish)
    }
    this.#isWorking = false
  }

  async #grant({ parts, onDone }: Wish): Promise<void> {
    for (const part of parts) {
      if (this.#made.has(part.key)) continue
      if (this.#next) return
      this.#made.set(part.key, await this.#maker.layOut({ count: part.count, edges: part.edges }))
    }
    onDone()
    const needed = new Set(parts.map(({ key }) => key))
    for (const key of [...this.#made.keys()].slice(0, -KEPT)) if (!needed.has(key)) this.#made.delete(key)
  }
}
