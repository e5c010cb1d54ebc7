import { member } from './event-context.ts'

/** One event with its place, as iterators give it. Names are those of the HTTP API. */
export interface StoredEvent<E> {
  /** In its conversation: 1, 2, 3, ... */
  readonly seq: number
  /** Where a read of the same kind goes on from. */
  readonly cursor: string
  /** ISO 8601 in UTC with milliseconds. */
  readonly recorded_at: string
  readonly event: E
}

/** The event itself, from one with its place too: functions that take events take what iterators give. */
export function eventOf(given: unknown): unknown {
  const isStored = typeof member(given, 'seq') === 'number' && typeof member(given, 'cursor') === 'string'
  return isStored && member(given, 'event_type') === undefined ? member(given, 'event') : given
}
