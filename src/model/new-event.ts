import { isoformat, newId, nowMicros } from './event-clock.ts'

/** What every constructor of an event fills in unless it is given. */
export interface NewEvent {
  /** Default: a new UUID's 32 hex digits. An event with the id of a recorded one is not recorded again. */
  readonly event_id?: string | undefined
  /** Default: `1.0`. */
  readonly event_version?: string | undefined
  /** An ISO 8601 text is kept as it is. Default: now, in microseconds, as Python's `isoformat()` writes it. */
  readonly timestamp?: Date | string | undefined
}

/** The members that every event has, in Graphite's order. */
export function envelope<Type extends string>(event_type: Type, given: NewEvent, assistant_request_id: string) {
  const { event_id = newId(), event_version = '1.0', timestamp = isoformat(nowMicros()) } = given
  return {
    event_id,
    event_version,
    assistant_request_id,
    event_type,
    timestamp: typeof timestamp === 'string' ? timestamp : isoformat(timestamp.getTime() * 1000),
  }
}
