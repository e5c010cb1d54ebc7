import { decodeSession, EMPTY_SESSION, encodeSession } from '../protocol/session.ts'

/** Conversation id to the seq of the last write there, oldest write first. */
export type Written = ReadonlyMap<string, number>

/** What one request says of the session; its answer is told apart by it. */
export interface SentSession {
  /** The header's value; null for no header. */
  readonly value: string | null
  /** The writes that the value names. */
  readonly written: Written
}

const NOTHING: Written = new Map()

/**
 * What a client wrote that may not be in the history yet, for as many calls at once as there are. An answer speaks only
 * of what its own request sent, so it takes away nothing that another call wrote meanwhile.
 */
export class SessionCarrier {
  readonly #written = new Map<string, number>()
  #clearedThrough: number | null = null

  get size(): number {
    return this.#written.size
  }

  /** A copy of all that is carried now. */
  written(): Map<string, number> {
    return new Map(this.#written)
  }

  /** Those of the writes whose conversations are still carried. */
  stillCarried(written: Written): Map<string, number> {
    return new Map([...written].filter(([conversationId]) => this.#written.has(conversationId)))
  }

  /** The write to one conversation, if it is carried. */
  writtenTo(conversationId: string): Map<string, number> {
    const seq = this.#written.get(conversationId)
    return new Map(seq === undefined ? [] : [[conversationId, seq]])
  }

  /** A request's session: the oldest of the writes that fit its header. Without writes it tells of the last clearing alone. */
  send(written: Written = NOTHING): SentSession {
    // The encoding keeps what stands last.
    const { value, left_out } = encodeSession({
      written: new Map([...written].reverse()),
      cleared_through: this.#clearedThrough,
    })
    return { value, written: new Map([...written].slice(0, written.size - left_out.length)) }
  }

  note(conversationId: string, seq: number): void {
    if ((this.#written.get(conversationId) ?? 0) >= seq) return
    this.#written.delete(conversationId)
    this.#written.set(conversationId, seq)
  }

  /** Takes the header of a call's answer. None, or one that cannot be read, says nothing. */
  receive(sent: SentSession, header: string | null): void {
    const session = header === '' ? EMPTY_SESSION : header === null ? null : decodeSession(header)
    if (session === null) return
    for (const [conversationId, seq] of session.written) this.note(conversationId, seq)
    for (const [conversationId, seq] of sent.written) {
      if (!session.written.has(conversationId) && this.#written.get(conversationId) === seq) this.#written.delete(conversationId)
    }
    const { cleared_through: cleared } = session
    if (cleared !== null) this.#clearedThrough = Math.max(cleared, this.#clearedThrough ?? cleared)
  }

  /** After a clearing: what was written before it is gone, what was written since stays. */
  forget(before: Written): void {
    for (const [conversationId, seq] of before) {
      if ((this.#written.get(conversationId) ?? 0) <= seq) this.#written.delete(conversationId)
    }
  }
}
