/** The operation of a store that failed: an `EventStore` or `EventHistory` method's name. */
export interface PersistenceFailure {
  readonly operation: string
  /** Whether the same call may succeed later: the backend was away, overloaded or restarting. */
  readonly transient: boolean
  /** Whether the backend refused the data itself, so that a smaller or different call may succeed. */
  readonly refusesData?: boolean
  /** Whether a repeat does no harm, though this call may have taken effect. Default true. */
  readonly repeatIsSafe?: boolean
  /** Milliseconds that the backend asked to wait before a repeat. */
  readonly retryAfterMs?: number | undefined
  /** SQLSTATE, where PostgreSQL answered. */
  readonly code?: string | undefined
  /** The kind of problem, where the service answered with one: `forbidden`, `not-found`, `history-unavailable` and so on. */
  readonly kind?: string | undefined
  readonly cause?: unknown
}

/**
 * The one error of every backend: which operation failed, and why (`cause`).
 * Named as in Graphite. Recording is idempotent, so that repeating it is always safe, whatever became of the failed call;
 * `repeatIsSafe` is false for a clearing of unknown outcome alone, since a second one would take what was recorded meanwhile.
 */
export class EventPersistenceError extends Error {
  override readonly name = 'EventPersistenceError'
  readonly tag = 'event-persistence'
  readonly operation: string
  readonly transient: boolean
  readonly refusesData: boolean
  readonly repeatIsSafe: boolean
  readonly retryAfterMs: number | undefined
  readonly code: string | undefined
  readonly kind: string | undefined

  constructor(message: string, failure: PersistenceFailure) {
    super(message, { cause: failure.cause })
    this.operation = failure.operation
    this.transient = failure.transient
    this.refusesData = failure.refusesData ?? false
    this.repeatIsSafe = failure.repeatIsSafe ?? true
    this.retryAfterMs = failure.retryAfterMs
    this.code = failure.code
    this.kind = failure.kind
  }
}
