/**
 * What the store knows of an event beside its text: the columns it is found by.
 * Read once from the event when it is admitted, then carried along so that nobody parses the event again.
 * Member names are those of the `events` table.
 */
export interface EventHead {
  readonly event_id: string
  /** Null for application events, which belong to no assistant request. */
  readonly assistant_request_id: string | null
  readonly event_type: string
  /** Application events only. */
  readonly event_name: string | null
  readonly event_version: string | null
  readonly user_id: string | null
  readonly topic_name: string | null
  readonly topic_offset: number | null
  /** ISO 8601 in UTC with `Z`, at most microseconds: what `timestamptz` holds. */
  readonly timestamp: string
}
