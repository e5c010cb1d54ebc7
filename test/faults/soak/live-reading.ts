import type { EventPersistenceError } from '../../../src/client/index.ts'
import { pause } from '../writers.ts'
import { type Book, type Conversation, isAsSent } from './book.ts'
import type { Way, Wrongs } from './way.ts'

/** How long the reader that goes from conversation to conversation stays with one. */
const VISIT_MS = 15_000

/** The part of what is seen that is compared with what was sent. */
const COMPARED = 0.05

export interface LiveOptions {
  readonly book: Book
  readonly way: Way
  readonly wrongs: Wrongs
  readonly random: () => number
}

/** What one reader has seen of a conversation; the sum of the numbers tells which, together with their count. */
interface Seen {
  seq: number
  sum: number
}

/**
 * Readers that stay connected for the whole run, over every disruption: one for each conversation that goes on, one of the whole
 * feed, and one that goes from conversation to conversation. Each checks that it sees every event once and in order.
 */
export class LiveReading {
  events = 0
  /** Times that a reader had to take its stream up again after a failure. */
  retries = 0
  readonly #options: LiveOptions
  readonly #end = new AbortController()
  readonly #feed = new Map<string, Seen>()
  readonly #conversations = new Map<string, Seen>()
  readonly #running: Promise<void>[]
  #lag = { conversation: 0, feed: 0 }

  constructor(options: LiveOptions) {
    this.#options = options
    this.#running = [
      ...options.book.steady.map((conversation) => this.#guard(this.#followConversation(conversation))),
      this.#guard(this.#followFeed()),
      this.#guard(this.#visit()),
    ]
  }

  /** The longest time from recording to reader since the last call, in ms. */
  takeLag(): { readonly conversation: number; readonly feed: number } {
    const lag = this.#lag
    this.#lag = { conversation: 0, feed: 0 }
    return lag
  }

  /** How many acknowledged events the readers have not seen yet. */
  get missing(): number {
    const { book } = this.#options
    const lacks = (conversation: Conversation, seen: Map<string, Seen>) =>
      Math.max(conversation.acknowledged - (seen.get(conversation.id)?.seq ?? 0), 0)
    const feed = book.all.values().reduce((sum, conversation) => sum + lacks(conversation, this.#feed), 0)
    return book.steady.reduce((sum, conversation) => sum + lacks(conversation, this.#conversations), feed)
  }

  /** Ends the streams, and compares what was seen with what was sent, of which all is acknowledged now. */
  async end(): Promise<void> {
    const { book, wrongs } = this.#options
    this.#end.abort()
    await Promise.all(this.#running)
    const compare = (who: string, conversation: Conversation, seen: Seen | undefined) => {
      const { issued } = conversation
      if (issued === 0 || (seen?.seq === issued && seen.sum === (issued * (issued - 1)) / 2)) return
      wrongs.add(`the reader of ${who} saw ${seen?.seq ?? 0} of ${issued} events of ${conversation.id}, or not each once`)
    }
    for (const conversation of book.all.values()) compare('the feed', conversation, this.#feed.get(conversation.id))
    for (const conversation of book.steady) compare('a conversation', conversation, this.#conversations.get(conversation.id))
  }

  /** A stream that ends by itself, with or without a failure, is wrong. */
  async #guard(reader: Promise<void>): Promise<void> {
    const { signal } = this.#end
    const failure = await reader.then(
      () => 'it ended',
      (thrown: unknown) => thrown,
    )
    if (!signal.aborted) this.#options.wrongs.add(`a live reader ended: ${failure}`)
  }

  readonly #onRetry = (_: EventPersistenceError) => {
    this.retries += 1
  }

  async #followConversation(conversation: Conversation): Promise<void> {
    const { way } = this.#options
    const { signal } = this.#end
    for await (const item of way.clientOf(conversation).live(conversation.id, { signal, onRetry: this.#onRetry })) {
      this.#take('conversation', this.#conversations, conversation, item)
    }
  }

  async #followFeed(): Promise<void> {
    const { book, way, wrongs } = this.#options
    const { signal } = this.#end
    const [first] = book.steady
    if (!first) return
    let last = -1n
    for await (const item of way.clientOf(first).liveEvents({ signal, onRetry: this.#onRetry })) {
      if (BigInt(item.cursor) <= last) wrongs.add(`the feed went from ${last} to ${item.cursor}`)
      last = BigInt(item.cursor)
      const { event_id: id } = item.event
      const conversation = book.all.get(id.slice(0, id.lastIndexOf('-')))
      if (conversation) this.#take('feed', this.#feed, conversation, item)
      else wrongs.add(`the feed holds ${id}, which nobody sent`)
    }
  }

  async #visit(): Promise<void> {
    const { book, way } = this.#options
    const { signal: ended } = this.#end
    while (!ended.aborted) {
      const conversation = book.pickActive()
      if (!conversation) {
        await pause(100)
        continue
      }
      const signal = AbortSignal.any([ended, AbortSignal.timeout(VISIT_MS)])
      const seen = new Map<string, Seen>()
      try {
        for await (const item of way.clientOf(conversation).live(conversation.id, { signal, onRetry: this.#onRetry })) {
          this.#take(null, seen, conversation, item)
        }
      } catch (failure) {
        if (!signal.aborted) throw failure
      }
    }
  }

  #take(
    who: 'conversation' | 'feed' | null,
    all: Map<string, Seen>,
    conversation: Conversation,
    item: { readonly seq: number; readonly recorded_at: string; readonly event: { readonly event_id: string } },
  ): void {
    const seen = all.get(conversation.id) ?? { seq: 0, sum: 0 }
    all.set(conversation.id, seen)
    const number = conversation.numberOf(item.event.event_id)
    if (item.seq !== seen.seq + 1 || number === null) {
      this.#options.wrongs.add(
        `a live reader of ${who ?? 'a while'} saw ${item.event.event_id} with seq ${item.seq} after ${seen.seq}`,
      )
    }
    if (this.#options.random() < COMPARED && !isAsSent(conversation, item.event)) {
      this.#options.wrongs.add(`a live reader saw ${item.event.event_id} not as it was sent`)
    }
    seen.seq = item.seq
    seen.sum += number ?? 0
    this.events += 1
    if (who) this.#lag[who] = Math.max(this.#lag[who], Date.now() - Date.parse(item.recorded_at))
  }
}
