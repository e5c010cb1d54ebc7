import { EventPersistenceError } from '../../../src/client/index.ts'
import { pause } from '../writers.ts'
import { type Book, type Conversation, isAsSent } from './book.ts'
import type { Way, Wrongs } from './way.ts'

/** Reads a second, of each kind. */
const RATES = {
  /** Of one that is being written to: its object answers. */
  'active conversation': 3,
  /** Of one that rests: its object answers, or Postgres when it has been let go of. */
  'resting conversation': 0.5,
  'assistant request': 2,
  'event by its id': 1,
} as const

/** The part of what is read that is compared with what was sent. */
const COMPARED = 0.05

export type ReadKind = keyof typeof RATES

export const READ_KINDS = Object.keys(RATES) as ReadKind[]

export interface ReadCount {
  made: number
  /** The client gave up on it, after its repeats. */
  failed: number
  /** Of those: the runtime was there all the while. */
  unexcused: number
}

export interface ReadingOptions {
  readonly book: Book
  readonly way: Way
  readonly wrongs: Wrongs
  readonly random: () => number
  /** Since the load began. */
  readonly nowMs: () => number
  readonly wasRuntimeAway: (sinceMs: number) => boolean
  readonly signal: AbortSignal
}

/** Reads at a steady rate; each has to hold all that had been acknowledged to the same client before it began. */
export class Reading {
  readonly counts: Readonly<Record<ReadKind, ReadCount>>
  readonly #options: ReadingOptions
  readonly #underWay = new Set<Promise<void>>()
  readonly #loops: Promise<void>[]
  #ended = false

  constructor(options: ReadingOptions) {
    this.#options = options
    const entries = READ_KINDS.map((kind) => [kind, { made: 0, failed: 0, unexcused: 0 }])
    this.counts = Object.fromEntries(entries) as Record<ReadKind, ReadCount>
    this.#loops = READ_KINDS.map((kind) => this.#run(kind))
  }

  async end(): Promise<void> {
    this.#ended = true
    await Promise.all(this.#loops)
    await Promise.all(this.#underWay)
  }

  async #run(kind: ReadKind): Promise<void> {
    const { book, random, signal } = this.#options
    while (!this.#ended && !signal.aborted) {
      await pause((-Math.log(1 - random()) / RATES[kind]) * 1_000)
      const conversation = kind === 'resting conversation' ? book.pickResting() : book.pickActive()
      if (!conversation || this.#ended) continue
      const read = this.#try(kind, conversation).finally(() => this.#underWay.delete(read))
      this.#underWay.add(read)
    }
  }

  async #try(kind: ReadKind, conversation: Conversation): Promise<void> {
    const { wrongs, nowMs, wasRuntimeAway, signal } = this.#options
    const count = this.counts[kind]
    const beganMs = nowMs()
    count.made += 1
    try {
      await this.#read(kind, conversation)
    } catch (failure) {
      if (signal.aborted) return
      count.failed += 1
      if (!wasRuntimeAway(beganMs)) count.unexcused += 1
      if (!(failure instanceof EventPersistenceError && failure.transient)) wrongs.add(`${kind}: ${failure}`)
    }
  }

  async #read(kind: ReadKind, conversation: Conversation): Promise<void> {
    const { random } = this.#options
    const number = Math.floor(random() * conversation.issued)
    switch (kind) {
      case 'active conversation':
      case 'resting conversation':
        return this.#readConversation(kind, conversation)
      case 'assistant request':
        return this.#readRequest(conversation, conversation.requestOf(number))
      case 'event by its id':
        return this.#readEvent(conversation, number)
    }
  }

  async #readConversation(kind: ReadKind, conversation: Conversation): Promise<void> {
    const { way, signal } = this.#options
    const expected = Array.from({ length: conversation.issued }, (_, i) => i).filter((i) => conversation.isAcknowledged(i))
    const ids: string[] = []
    for await (const { seq, event } of way.clientOf(conversation).readConversation(conversation.id, { signal })) {
      ids.push(event.event_id)
      this.#compare(kind, conversation, event)
      if (seq !== ids.length) this.#options.wrongs.add(`${kind}: ${conversation.id} has seq ${seq} in place ${ids.length}`)
    }
    this.#expectAll(kind, conversation, expected, ids)
  }

  async #readRequest(conversation: Conversation, request: number): Promise<void> {
    const { way, signal } = this.#options
    const expected = conversation.acknowledgedOf(request)
    const ids: string[] = []
    const items = way.clientOf(conversation).readAssistantRequest(conversation.request(request), { signal })
    for await (const { event } of items) {
      ids.push(event.event_id)
      this.#compare('assistant request', conversation, event)
    }
    this.#expectAll('assistant request', conversation, expected, ids)
  }

  async #readEvent(conversation: Conversation, number: number): Promise<void> {
    if (!conversation.isAcknowledged(number)) return
    const id = conversation.eventId(number)
    const { way, signal, wrongs } = this.#options
    const event = await way.clientOf(conversation).getEvent(id, { signal })
    if (event?.event_id !== id) wrongs.add(`event by its id: ${id} was acknowledged and is not found`)
    else if (!isAsSent(conversation, event)) wrongs.add(`event by its id: ${id} is not as it was sent`)
  }

  /** To make up what was sent takes longer than to read it, so some events stand for all. */
  #compare(kind: ReadKind, conversation: Conversation, event: { readonly event_id: string }): void {
    const { random, wrongs } = this.#options
    if (random() >= COMPARED || isAsSent(conversation, event)) return
    wrongs.add(`${kind}: ${event.event_id} is not as it was sent`)
  }

  #expectAll(kind: ReadKind, conversation: Conversation, numbers: readonly number[], ids: readonly string[]): void {
    const { wrongs } = this.#options
    const found = new Set(ids)
    if (found.size !== ids.length) wrongs.add(`${kind}: ${conversation.id} has ${ids.length - found.size} events twice`)
    const missing = numbers.filter((number) => !found.has(conversation.eventId(number)))
    if (missing.length > 0)
      wrongs.add(`${kind}: ${conversation.id} lacks ${missing.length} acknowledged events, as ${missing[0]}`)
  }
}
