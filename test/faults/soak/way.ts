import { HttpEventStore } from '../../../src/client/index.ts'
import type { Conversation } from './book.ts'

/** Stands in the client's URL for wherever the Worker is now: each life of the runtime has a port of its own. */
const ORIGIN = 'http://worker.invalid'

/** Applications that write; each reads what it wrote itself. */
const CLIENTS = 4

/** The way to the Worker, which counts what fails on it. */
export class Way {
  tries = 0
  /** By status, or `no answer`. */
  readonly failures = new Map<string, number>()
  readonly #clients: readonly HttpEventStore[]
  readonly #url: () => string | null

  /** `url` gives null while nothing answers. */
  constructor(url: () => string | null) {
    this.#url = url
    this.#clients = Array.from(
      { length: CLIENTS },
      () => new HttpEventStore({ url: ORIGIN, fetch: (...all) => this.#fetch(...all) }),
    )
  }

  get failedTries(): number {
    return this.failures.values().reduce((sum, count) => sum + count, 0)
  }

  /** The client whose conversation it is. */
  clientOf({ id }: Conversation): HttpEventStore {
    const sum = [...id].reduce((all, character) => all + character.charCodeAt(0), 0)
    return this.#clients[sum % CLIENTS] as HttpEventStore
  }

  async close(): Promise<void> {
    for (const client of this.#clients) await client.close()
  }

  async #fetch(input: Parameters<typeof fetch>[0], init?: RequestInit): Promise<Response> {
    this.tries += 1
    try {
      const url = this.#url()
      if (url === null) throw new TypeError('nothing listens')
      const answer = await fetch(String(input).replace(ORIGIN, url), init)
      if (answer.status >= 500 || answer.status === 429) this.#note(String(answer.status))
      return answer
    } catch (failure) {
      this.#note('no answer')
      throw failure
    }
  }

  #note(what: string): void {
    this.failures.set(what, (this.failures.get(what) ?? 0) + 1)
  }
}

/** What the run must not see, in the order in which it was seen; the first ones in full. */
export class Wrongs {
  readonly first: string[] = []
  count = 0

  add(what: string): void {
    this.count += 1
    if (this.first.length < 20) this.first.push(what)
  }
}
