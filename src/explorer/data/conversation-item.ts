import type { AgentEvent, JsonValue, StoredEvent } from '../../client/index.ts'
import { ReadEvent } from './verbatim-codec.ts'

/** One event of a conversation with its place. */
export interface ConversationItem {
  readonly seq: number
  readonly cursor: string
  /** ISO 8601 in UTC. */
  readonly recorded_at: string
  /** The typed event; null when it is none of Graphite's, or does not fit its type. */
  readonly event: AgentEvent | null
  /** The parsed event, whatever it is; numbers beyond 2^53 are `RawJson` (`isRawJson`). */
  readonly raw: JsonValue
  /** The stored JSON text, character for character. */
  readonly text: string
}

/** From what a store with the verbatim codec gives. */
export function itemOf({ seq, cursor, recorded_at, event }: StoredEvent<object>): ConversationItem {
  if (!(event instanceof ReadEvent)) throw new Error('the store does not use the verbatim codec')
  return { seq, cursor, recorded_at, event: event.known, raw: event.raw, text: event.text }
}
