import { EventPersistenceError } from '../../../src/client/index.ts'
import { pause } from '../writers.ts'
import type { Backlog } from './backlog.ts'
import type { Book, Conversation } from './book.ts'
import { deal } from './deal.ts'
import type { Way, Wrongs } from './way.ts'

/** Events of a request, and how many of 24 requests have so many: they bring 100 events. */
const MIX: readonly (readonly [number, number])[] = [
  [1, 20],
  [10, 3],
  [50, 1],
]
const REQUESTS_OF_MIX = 24
const EVENTS_OF_MIX = 100

/** Of the single events, those for the conversations that go on for the whole run. */
const STEADY_SHARE = 0.05

/** Before a call that the client has given up on is made again. */
const REPEAT_MS = 500

/** Calls under way, at most: beyond it a load generator would measure its own memory. */
const MAX_UNDER_WAY = 2_000

export interface WritingOptions {
  readonly book: Book
  readonly way: Way
  readonly backlog: Backlog
  readonly wrongs: Wrongs
  readonly random: () => number
  /** Events a second. */
  readonly rate: number
  readonly signal: AbortSignal
}

/** Writes at a steady rate, whatever becomes of the writes before, and repeats each until it is acknowledged. */
export class Writing {
  requests = 0
  /** Calls that the client gave up on, each of which was made again. */
  givenUp = 0
  /** Requests that were not begun, because too many were under way. */
  heldBack = 0
  readonly #options: WritingOptions
  readonly #underWay = new Set<Promise<void>>()
  readonly #nextCount: () => number
  readonly #loop: Promise<void>
  #ended = false

  constructor(options: WritingOptions) {
    this.#options = options
    this.#nextCount = deal(MIX, options.random)
    this.#loop = this.#run()
  }

  get underWay(): number {
    return this.#underWay.size
  }

  /** Begins nothing more, and waits until all is acknowledged. */
  async end(): Promise<void> {
    this.#ended = true
    await this.#loop
    await Promise.all(this.#underWay)
  }

  async #run(): Promise<void> {
    const { random, rate, signal } = this.#options
    const perSecond = (rate * REQUESTS_OF_MIX) / EVENTS_OF_MIX
    const began = performance.now()
    for (let slot = 0; !this.#ended && !signal.aborted; slot++) {
      // Anywhere in its slot, as those of many senders are; those that are late are made up for.
      const wait = began + ((slot + random()) / perSecond) * 1_000 - performance.now()
      if (wait > 0) await pause(wait)
      if (this.#underWay.size >= MAX_UNDER_WAY) this.heldBack += 1
      else this.#begin()
    }
  }

  #begin(): void {
    const { book, random } = this.#options
    const count = this.#nextCount()
    const steady = count === 1 && random() < STEADY_SHARE ? book.steady[Math.floor(random() * book.steady.length)] : undefined
    const call = this.#write(steady ?? book.pickToWrite(), count).finally(() => this.#underWay.delete(call))
    this.#underWay.add(call)
  }

  async #write(conversation: Conversation, count: number): Promise<void> {
    const { way, backlog, wrongs, signal } = this.#options
    const numbers = conversation.issue(count)
    const texts = numbers.map((number) => conversation.text(number))
    this.requests += 1
    for (;;) {
      try {
        const result = await way.clientOf(conversation).recordEvents(texts, { signal })
        const [range, ...others] = result.conversations
        const isWhole = result.recorded + result.duplicates === count && result.conflicts.length === 0 && others.length === 0
        // A request is recorded as a whole or not at all, so its events stand one behind the other.
        const isOneBehindTheOther = range !== undefined && range.last_seq - range.first_seq === count - 1
        if (!isWhole || !isOneBehindTheOther || range.conversation_id !== conversation.id) {
          wrongs.add(`${count} events of ${conversation.id} were answered with ${JSON.stringify(result)}`)
        }
        conversation.acknowledge(numbers, range?.first_seq ?? 0)
        backlog.acknowledged(conversation.id, range?.last_seq ?? 0)
        return
      } catch (failure) {
        if (signal.aborted) return
        if (!(failure instanceof EventPersistenceError && failure.transient)) {
          wrongs.add(`a valid recording was refused: ${failure}`)
          return
        }
        this.givenUp += 1
        await pause(REPEAT_MS)
      }
    }
  }
}
