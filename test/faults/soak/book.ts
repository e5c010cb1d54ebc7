import { isDeepStrictEqual } from 'node:util'
import { sampleText, seededRandom } from '../../../src/model/sample-text.ts'
import { eventText } from '../../support/events.ts'

/** Events that share an assistant request. */
const EVENTS_OF_REQUEST = 50

/** Characters of made-up prose in an event, which makes it 0.7 to 1.9 KB. */
const PROSE = [300, 1_500] as const

/** A conversation as its writer knows it: its events are numbered from 0, so that numbers say all there is to remember. */
export class Conversation {
  readonly id: string
  readonly #number: number
  readonly #timestamp: string
  /** Numbers sent and not acknowledged. */
  readonly open = new Set<number>()
  /** The seqs that were told of numbers. */
  readonly #seqs = new Map<number, number>()
  issued = 0

  constructor(number: number, name: string, timestamp: string) {
    this.#number = number
    this.#timestamp = timestamp
    this.id = name
  }

  issue(count: number): number[] {
    const numbers = Array.from({ length: count }, (_, i) => this.issued + i)
    this.issued += count
    for (const number of numbers) this.open.add(number)
    return numbers
  }

  /** `firstSeq` is that of the first number; the others follow it. */
  acknowledge(numbers: readonly number[], firstSeq: number): void {
    for (const [place, number] of numbers.entries()) {
      this.open.delete(number)
      this.#seqs.set(number, firstSeq + place)
    }
  }

  /** Whether an event stands where its writer was told that it stands, if it was told. */
  isInPlace(number: number, seq: number): boolean {
    return (this.#seqs.get(number) ?? seq) === seq
  }

  isAcknowledged(number: number): boolean {
    return number >= 0 && number < this.issued && !this.open.has(number)
  }

  get acknowledged(): number {
    return this.issued - this.open.size
  }

  eventId(number: number): string {
    return `${this.id}-${number}`
  }

  /** The inverse of `eventId`; null for an id that is no event's of this conversation. */
  numberOf(eventId: string): number | null {
    const number = Number(eventId.slice(this.id.length + 1))
    return this.eventId(number) === eventId && number < this.issued ? number : null
  }

  request(index: number): string {
    return `${this.id}-request-${index}`
  }

  requestOf(number: number): number {
    return Math.floor(number / EVENTS_OF_REQUEST)
  }

  /** The numbers of a request that are acknowledged now. */
  acknowledgedOf(request: number): number[] {
    const numbers = Array.from({ length: EVENTS_OF_REQUEST }, (_, i) => request * EVENTS_OF_REQUEST + i)
    return numbers.filter((number) => this.isAcknowledged(number))
  }

  /** The same whenever it is asked for. */
  text(number: number): string {
    const random = seededRandom(this.#number * 1_000_003 + number)
    const prose = sampleText(PROSE[0] + random() * (PROSE[1] - PROSE[0]), random)
    return eventText({
      conversation: this.id,
      id: this.eventId(number),
      request: this.request(this.requestOf(number)),
      timestamp: this.#timestamp,
      data: JSON.stringify({ content: prose }),
    })
  }
}

/** Whether a decoded event has all that was sent under its id, and nothing else. */
export function isAsSent(conversation: Conversation, event: { readonly event_id: string }): boolean {
  const number = conversation.numberOf(event.event_id)
  return number !== null && isDeepStrictEqual(JSON.parse(JSON.stringify(event)), JSON.parse(conversation.text(number)))
}

/** Conversations that are written to at a time. */
const ACTIVE = 20

/** Events after which a conversation rests. */
const LENGTH = [50, 350] as const

/** How often a write goes to one that rests, and has been let go of by its object if that was long ago. */
const REVIVED = 0.02

/** Conversations that go on for the whole run, for those who read them live. */
const STEADY = 2

interface Turn {
  readonly conversation: Conversation
  /** Events after which it rests. */
  readonly length: number
}

/** All conversations of a run. They turn over: each is written to until it has its length, then another takes its place. */
export class Book {
  readonly all = new Map<string, Conversation>()
  readonly steady: readonly Conversation[]
  readonly #timestamp: string
  readonly #random: () => number
  readonly #active: Turn[] = []
  readonly #resting: Conversation[] = []

  constructor(random: () => number, timestamp: string) {
    this.#random = random
    this.#timestamp = timestamp
    this.steady = Array.from({ length: STEADY }, (_, i) => this.#create(`soak-steady-${i + 1}`))
    for (let i = 0; i < ACTIVE; i++) this.#active.push(this.#fresh())
  }

  get acknowledged(): number {
    return this.all.values().reduce((sum, conversation) => sum + conversation.acknowledged, 0)
  }

  pickToWrite(): Conversation {
    if (this.#random() < REVIVED) {
      const resting = this.pickResting()
      if (resting) return resting
    }
    const place = Math.floor(this.#random() * this.#active.length)
    const { conversation, length } = this.#active[place] as Turn
    if (conversation.issued >= length) {
      this.#resting.push(conversation)
      this.#active[place] = this.#fresh()
    }
    return conversation
  }

  /** One that is written to now and again, so that its object has it; undefined while none has an event. */
  pickActive(): Conversation | undefined {
    const begun = this.#active.map(({ conversation }) => conversation).filter(({ acknowledged }) => acknowledged > 0)
    return begun[Math.floor(this.#random() * begun.length)]
  }

  pickResting(): Conversation | undefined {
    return this.#resting[Math.floor(this.#random() * this.#resting.length)]
  }

  #fresh(): Turn {
    const length = LENGTH[0] + this.#random() * (LENGTH[1] - LENGTH[0])
    return { conversation: this.#create(`soak-${this.all.size}`), length }
  }

  #create(id: string): Conversation {
    const conversation = new Conversation(this.all.size, id, this.#timestamp)
    this.all.set(id, conversation)
    return conversation
  }
}
