import type { ConversationEvents } from '../../data/use-conversation-events.ts'
import type { Spans } from './spans/spans.ts'

/** What each of a conversation's tabs is given. */
export interface ConversationTabProps {
  readonly id: string
  /**
   * The conversation as it is shown: while it is replayed, `items` are those up to `at`, in a new array for each `at`. A longer array begins
   * with the very items of a shorter one.
   */
  readonly events: ConversationEvents
  /** The selected event's seq, as it stands in the URL. Its details are shown beside the tab. */
  readonly seq: number | null
  readonly onSelect: (seq: number | null) => void
  /** Whether new events are followed. */
  readonly live: boolean
  /** The seq of the last event that is shown while the conversation is replayed; null is now. */
  readonly at: number | null
  /** The runs that the events tell of, those after `at` too. */
  readonly spans: Spans
}
