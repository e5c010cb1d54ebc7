/** Operations that are charged for, as the counting Worker counts them. */
export interface Counts {
  readonly worker_requests: number
  readonly consumer_runs: number
  readonly object_requests: number
  readonly rows_written: number
  /** Messages written, read and deleted. */
  readonly queue_operations: number
  /** Requests to Postgres. */
  readonly round_trips: number
}
