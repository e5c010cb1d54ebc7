import { lastSeqOf, type Segment } from './segment.ts'

/** What an object keeps of its log in memory, its text counted twice. An object has 128 MB; a thousand events of a run fit in this. */
const TAIL_BYTES = 8 * 1024 * 1024

/** A segment's objects beside its text, roughly: many tiny events must not outgrow the bound. */
const SEGMENT_OVERHEAD_BYTES = 400

interface Held {
  readonly segment: Segment
  readonly bytes: number
}

/** The newest segments of a log, which delivery and running agents read again at once. */
export class TailCache {
  #held: (Held | null)[] = []
  /** Place of the oldest segment still held; the empty places before it are cut off now and then, not one by one. */
  #first = 0
  #bytes = 0

  push(segment: Segment, textBytes: number): void {
    const bytes = textBytes + SEGMENT_OVERHEAD_BYTES
    this.#held.push({ segment, bytes })
    this.#bytes += bytes
    while (this.#bytes > TAIL_BYTES && this.#first < this.#held.length) {
      this.#bytes -= (this.#held[this.#first] as Held).bytes
      this.#held[this.#first] = null
      this.#first += 1
    }
    if (this.#first > 16 && this.#first * 2 > this.#held.length) {
      this.#held = this.#held.slice(this.#first)
      this.#first = 0
    }
  }

  clear(): void {
    this.#held = []
    this.#first = 0
    this.#bytes = 0
  }

  holding(seq: number): Segment | null {
    let low = this.#first
    let high = this.#held.length - 1
    while (low <= high) {
      const middle = (low + high) >> 1
      const { segment } = this.#held[middle] as Held
      if (seq < segment.first_seq) high = middle - 1
      else if (seq > lastSeqOf(segment)) low = middle + 1
      else return segment
    }
    return null
  }
}
