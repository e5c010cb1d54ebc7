import type { AgentEvent, EventEnvelope } from './agent-events.ts'

/** What became of the events of one call. */
export interface RecordResult {
  /** Events that are new. */
  readonly recorded: number
  /** Events whose id and content were already recorded. */
  readonly duplicates: number
  /** Ids that were already recorded with other content, which stays as it was. */
  readonly conflicts: readonly string[]
  /** Where the call's events stand, new and repeated ones, so that a repeat tells the same: one entry a conversation. */
  readonly conversations: readonly ConversationRange[]
}

/** What every operation takes as its last argument. */
export interface CallOptions {
  /**
   * Ends the call, which then rejects with the signal's reason. A write may have taken effect, all of it or a part;
   * recording can be repeated all the same.
   */
  readonly signal?: AbortSignal | undefined
}

export interface ConversationRange {
  readonly conversation_id: string
  /** Of the call's events; others may stand between. */
  readonly first_seq: number
  readonly last_seq: number
}

/**
 * Graphite's event store: what an assistant records through and recovers from.
 * `Custom` are the application's own event classes, registered with the store's codec.
 *
 * Recording is idempotent on `event_id`, within a list and across calls: the first write wins. Lists come in the order of
 * recording. Lookups of unknown ids, and of such as no event can have, give null or an empty list. An event that the codec cannot decode is logged and
 * left out. Every operation throws `EventPersistenceError` when the backend fails, which tells whether repeating it is safe.
 */
export interface EventStore<Custom extends object = AgentEvent> {
  /** Throws `InvalidEventError` when the event cannot be recorded. */
  recordEvent(event: EventEnvelope | AgentEvent | NoInfer<Custom>, options?: CallOptions): Promise<RecordResult>
  /**
   * Checks all before it records any. Throws `InvalidEventError` when one event cannot be recorded; then none was. A backend
   * that cuts long lists may have recorded a part when it fails.
   */
  recordEvents(events: readonly (EventEnvelope | AgentEvent | NoInfer<Custom>)[], options?: CallOptions): Promise<RecordResult>
  /** Removes every event; their ids can be recorded again. */
  clearEvents(options?: CallOptions): Promise<void>
  /**
   * Removes every event of one conversation, wherever it is found; their ids can be recorded again. Gives the number of events that
   * there were: 0 for an unknown conversation.
   */
  clearConversation(conversationId: string, options?: CallOptions): Promise<number>
  getEvents(options?: CallOptions): Promise<(AgentEvent | NoInfer<Custom>)[]>
  getEvent(eventId: string, options?: CallOptions): Promise<AgentEvent | NoInfer<Custom> | null>
  /** The events of one assistant request. */
  getAgentEvents(assistantRequestId: string, options?: CallOptions): Promise<(AgentEvent | NoInfer<Custom>)[]>
  getConversationEvents(conversationId: string, options?: CallOptions): Promise<(AgentEvent | NoInfer<Custom>)[]>
  /**
   * Published events (`PUBLISH_EVENT_TYPES`) of a topic at these offsets, which count from 0 and restart in every run. No
   * offsets, no events; -1, which says that an event is in no topic yet, finds none either.
   */
  getTopicEvents(name: string, offsets: readonly number[], options?: CallOptions): Promise<(AgentEvent | NoInfer<Custom>)[]>
}
