/** The operation of a store that failed: an `EventStore` or `EventHistory` method's name. */
export interface PersistenceFailure {
  readonly operation: string
  /** Whether the same call may succeed later: the backend was away, overloaded or restarting. */
  readonly transient: boolean
  /** Whether the backend refused the data itself, so that a smaller or different call may succeed. */
  readonly refusesData?: boolean
  /** SQLSTATE, where PostgreSQL answered. */
  readonly code?: string | undefined
  readonly cause?: unknown
}

/**
 * The one error of every backend: which operation failed, and why (`cause`).
 * Named as in Graphite. Every write of the store is idempotent, so repeating a failed call is always safe.
 */
export class EventPersistenceError extends Error {
  override readonly name = 'EventPersistenceError'
  readonly tag = 'event-persistence'
  readonly operation: string
  readonly transient: boolean
  readonly refusesData: boolean
  readonly code: string | undefined

  constructor(message: string, failure: PersistenceFailure) {
    super(message, { cause: failure.cause })
    this.operation = failure.operation
    this.transient = failure.transient
    this.refusesData = failure.refusesData ?? false
    this.code = failure.code
  }
}
