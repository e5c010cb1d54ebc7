/** Operations that are charged for, as the counting Worker counts them. */
export interface Counts {
  readonly worker_requests: number
  readonly consumer_runs: number
  readonly object_requests: number
  readonly rows_written: number
  readonly rows_read: number
  /** Messages written, read and deleted. */
  readonly queue_operations: number
  /** Lines that the Worker logs itself. */
  readonly log_lines: number
  /** Requests to Postgres. */
  readonly round_trips: number
}

/** What recording and delivering events in batches of one size took. */
export interface OperationCosts {
  readonly batch: number
  /** Each request came when the one before had been delivered; else one after the other. */
  readonly apart: boolean
  readonly event_bytes: number
  readonly events: number
  readonly counts: Counts
  /** What dropping these events from their object takes once they have been there long enough. */
  readonly trim_counts: Counts
  /** Bytes that the object's storage grew by. */
  readonly stored_bytes: number
  /** From sending a request to its answer, on average: no shorter than what the object was busy with it. */
  readonly request_ms: number
  /** Processor time in ms of the Worker with its objects; null where the system does not tell. */
  readonly worker_cpu_ms: number | null
  readonly postgres: {
    readonly cpu_ms: number | null
    readonly transactions: number
    readonly wal_bytes: number
  }
}
