import type { CallOptions } from '../model/event-store.ts'

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

/** The query of a recording; empty for none. */
export function recordQuery({ ack, expectedSeq, onConflict }: RecordOptions): string {
  const query = new URLSearchParams()
  if (ack !== undefined) query.set('ack', ack)
  if (expectedSeq !== undefined) query.set('expected_seq', String(expectedSeq))
  if (onConflict !== undefined) query.set('on_conflict', onConflict)
  return query.toString()
}

/** Whether a recording asks for what is said once a request. */
export function hasConditions(options: RecordOptions): boolean {
  return options.expectedSeq !== undefined || options.onConflict === 'reject'
}

/** Which events of the feed to read, and in which order. */
export interface ReadEventsOptions extends CallOptions {
  /** An item's `cursor`, exclusive. */
  readonly after?: string | undefined
  /** Of recording. Default `asc`. */
  readonly order?: 'asc' | 'desc' | undefined
  readonly eventType?: string | undefined
  readonly eventName?: string | undefined
  /** Bounds on the event's own timestamp, ISO 8601: `since` inclusive, `until` exclusive. */
  readonly since?: string | undefined
  readonly until?: string | undefined
}

export interface ReadConversationOptions extends CallOptions {
  /** A seq, or an item's `cursor`, exclusive. */
  readonly after?: number | string | undefined
  /** The conversation as it was at this seq. */
  readonly untilSeq?: number | undefined
  readonly eventType?: string | undefined
}

export interface ReadAssistantRequestOptions extends CallOptions {
  /** An item's `cursor`, exclusive: of a read with the same `conversationId`, or without one as this is. */
  readonly after?: string | undefined
  /** Search this conversation only; its object then answers without Postgres. */
  readonly conversationId?: string | undefined
}
