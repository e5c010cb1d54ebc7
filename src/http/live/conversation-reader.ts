import type { LiveNews } from '../../conversation/live-news.ts'
import { joinBytes } from '../../model/join-bytes.ts'
import { upToDateMessage } from './event-message.ts'

/** Events sent along that a reader keeps while its client takes others. What goes beyond is dropped, and read later. */
export const MAX_HELD_BYTES = 256 * 1024

export type ReaderStep =
  /** Messages for the client. */
  | { readonly kind: 'write'; readonly messages: Uint8Array; readonly events: number }
  /** What follows this seq has to be read. */
  | { readonly kind: 'read'; readonly after: number }
  | { readonly kind: 'wait' }

/** A page that was read, as far as its place in the conversation is concerned. */
export interface ReadPlace {
  readonly epoch: number
  /** As far as it goes. */
  readonly through_seq: number
}

const encoder = new TextEncoder()

/**
 * Where one live reader of a conversation stands, and what to do next. Events come sent along with news, or are read: whichever
 * way, only what begins right behind the cursor is used, so that no loss, repetition or order of news can make a gap or bring an
 * event twice.
 */
export class ConversationReader {
  #cursor: number
  /** Null until the object has first told where the conversation stands. */
  #epoch: number | null = null
  /** Whether the socket has told it. */
  #heard = false
  #head = 0
  /** What came along, without gaps among them. */
  #held: LiveNews[] = []
  #heldBytes = 0
  /** Where the client was last told that it has everything. */
  #toldAt: number | null = null
  /** The client's last id is of events that were cleared. */
  #restarted = false

  constructor(after: number) {
    this.#cursor = after
  }

  get cursor(): number {
    return this.#cursor
  }

  get heldBytes(): number {
    return this.#heldBytes
  }

  hear(news: LiveNews): void {
    this.#heard = true
    if (news.epoch !== this.#epoch) this.#begin(news)
    this.#head = Math.max(this.#head, news.last_seq)
    if (news.items.byteLength > 0) this.#hold(news)
  }

  /** The socket is gone: news may have been lost. The next one tells where the conversation stands. */
  lost(): void {
    this.#heard = false
    this.#drop()
  }

  next(): ReaderStep {
    if (!this.#heard) return { kind: 'wait' }
    const before = this.#cursor
    const messages = this.#take()
    const behind = this.#cursor < this.#head
    if (!behind && this.#toldAt !== this.#cursor) {
      messages.push(encoder.encode(upToDateMessage(String(this.#cursor), this.#restarted)))
      this.#toldAt = this.#cursor
      this.#restarted = false
    }
    if (messages.length > 0) return { kind: 'write', messages: joinBytes(messages), events: this.#cursor - before }
    return behind ? { kind: 'read', after: this.#cursor } : { kind: 'wait' }
  }

  /** Whether a page that was read behind the cursor is to be used: one of another epoch has other events under the same seqs. */
  use({ epoch, through_seq }: ReadPlace): boolean {
    if (epoch !== this.#epoch) return false
    // What the object counts and nobody has any more is being cleared.
    if (through_seq <= this.#cursor) this.#head = this.#cursor
    else this.#cursor = through_seq
    this.#head = Math.max(this.#head, this.#cursor)
    return true
  }

  /** Where numbering has begun again, all of it is new; a cursor beyond the head can only be of before. */
  #begin({ epoch, floor_seq, last_seq }: LiveNews): void {
    const cleared = this.#epoch !== null && floor_seq === 0
    if ((cleared || this.#cursor > last_seq) && this.#cursor > 0) {
      this.#cursor = 0
      this.#toldAt = null
      this.#restarted = true
    }
    this.#epoch = epoch
    this.#head = last_seq
    this.#drop()
  }

  #hold(news: LiveNews): void {
    const last = this.#held.at(-1)
    if (last && news.first_seq !== last.last_seq + 1) return
    if (news.last_seq <= this.#cursor || this.#heldBytes + news.items.byteLength > MAX_HELD_BYTES) return
    this.#held.push(news)
    this.#heldBytes += news.items.byteLength
  }

  /** Takes out what begins right behind the cursor, and drops what a read has brought meanwhile. */
  #take(): Uint8Array[] {
    const taken: Uint8Array[] = []
    for (let first = this.#held[0]; first && first.first_seq <= this.#cursor + 1; first = this.#held[0]) {
      this.#held.shift()
      this.#heldBytes -= first.items.byteLength
      if (first.first_seq !== this.#cursor + 1) continue
      taken.push(first.items)
      this.#cursor = first.last_seq
    }
    return taken
  }

  #drop(): void {
    this.#held = []
    this.#heldBytes = 0
  }
}
