import type { ConversationRange } from './event-store.ts'

/** Where the events of one call stand, put together event by event. */
export class ConversationRanges {
  readonly #ranges = new Map<string, ConversationRange>()

  constructor(ranges: readonly ConversationRange[] = []) {
    for (const range of ranges) this.#ranges.set(range.conversation_id, range)
  }

  include(conversation_id: string, seq: number): void {
    const { first_seq, last_seq } = this.#ranges.get(conversation_id) ?? { first_seq: seq, last_seq: seq }
    this.#ranges.set(conversation_id, {
      conversation_id,
      first_seq: Math.min(first_seq, seq),
      last_seq: Math.max(last_seq, seq),
    })
  }

  /** In the order in which conversations came first. */
  all(): ConversationRange[] {
    return [...this.#ranges.values()]
  }
}
