import type { EventPersistenceError } from '../model/errors.ts'
import type { CallOptions } from '../model/event-store.ts'
import type { Query } from './with-query.ts'

/** What a recording asks of the service. */
export interface RecordOptions extends CallOptions {
  /** `persisted`: once the events are in Postgres too. Default `durable`: once they are on the conversation's disk. */
  readonly ack?: 'durable' | 'persisted' | undefined
  /**
   * The conversation's head that the caller knows of, 0 for a new one. Throws `WrongExpectedSeqError` when it is another;
   * a repeat of what is recorded passes. For one conversation and one request.
   */
  readonly expectedSeq?: number | undefined
  /** `reject`: records nothing and throws `ConflictingEventsError` when an id stands with other content. For one request. */
  readonly onConflict?: 'report' | 'reject' | undefined
}

/** Gathers events of many calls into requests. Every default applies where a member is absent. */
export interface BufferOptions {
  /** How long an event waits for company, in milliseconds. Default 5. */
  readonly maxDelayMs?: number | undefined
  /** Events of one request. Default 500. */
  readonly maxEvents?: number | undefined
  /** Event text of one request, in UTF-8 bytes. Default 1 MiB. */
  readonly maxBytes?: number | undefined
  /** Memory of what waits or is under way, about, in bytes: calls beyond are rejected at once. Default 64 MiB. */
  readonly maxBufferedBytes?: number | undefined
  /** Requests under way at a time. Default 4. */
  readonly maxInFlight?: number | undefined
}

/** The query of a recording. */
export function recordQuery({ ack, expectedSeq, onConflict }: RecordOptions): Query {
  return { ack, expected_seq: expectedSeq, on_conflict: onConflict }
}

/** Whether a recording asks for what is said once a request. */
export function hasConditions(options: RecordOptions): boolean {
  return options.expectedSeq !== undefined || options.onConflict === 'reject'
}

/** Which events of the feed to read, and in which order. */
export interface ReadEventsOptions extends CallOptions {
  /** An item's `cursor`, exclusive. */
  readonly after?: string | undefined
  /** Events at most. Default: all. */
  readonly limit?: number | undefined
  /** Of recording. Default `asc`. */
  readonly order?: 'asc' | 'desc' | undefined
  readonly eventType?: string | undefined
  readonly eventName?: string | undefined
  /** Events of any kind that name the topic. */
  readonly topicName?: string | undefined
  /** Bounds on the event's own timestamp, ISO 8601: `since` inclusive, `until` exclusive. */
  readonly since?: string | undefined
  readonly until?: string | undefined
}

export interface ReadConversationOptions extends CallOptions {
  /** A seq, or an item's `cursor`, exclusive. */
  readonly after?: number | string | undefined
  /** Events at most. Default: all. */
  readonly limit?: number | undefined
  /** The conversation as it was at this seq. */
  readonly untilSeq?: number | undefined
  readonly eventType?: string | undefined
}

export interface ReadAssistantRequestOptions extends CallOptions {
  /** An item's `cursor`, exclusive: of a read with the same `conversationId`, or without one as this is. */
  readonly after?: string | undefined
  /** Events at most. Default: all. */
  readonly limit?: number | undefined
  /** Search this conversation only; its object then answers without Postgres. */
  readonly conversationId?: string | undefined
}

/** The signal is what ends a live read from outside. */
export interface LiveOptions extends CallOptions {
  /** Called whenever all that there is has been taken, with the cursor to go on from. */
  readonly onUpToDate?: ((cursor: string) => void) | undefined
  /** Called with what interrupted the reading, before it is taken up again. */
  readonly onRetry?: ((failure: EventPersistenceError) => void) | undefined
}

export interface LiveConversationOptions extends LiveOptions {
  /** A seq, or an item's `cursor`, exclusive. Default: from the beginning. */
  readonly after?: number | string | undefined
}

/** Which events of the feed to follow. */
export interface LiveEventsOptions extends LiveOptions {
  /** An item's `cursor`, exclusive. Default: from the beginning. */
  readonly after?: string | undefined
  readonly eventType?: string | undefined
  readonly eventName?: string | undefined
  readonly topicName?: string | undefined
}
