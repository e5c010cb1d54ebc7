/** What checking a credential needs of its request's surroundings. */
export interface Surroundings {
  /** Lets work go on after the answer. */
  readonly waitUntil: (work: Promise<unknown>) => void
  /** Counts an attempt that costs a query or is refused, once a request; throws when there were too many. */
  readonly countAttempt: () => Promise<void>
}
