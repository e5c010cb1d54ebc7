import type { EventIssue } from './issues.ts'

/** What is wrong with one event of a call. */
export interface InvalidEventIssue extends EventIssue {
  /** The event's place in the list that was passed, from 0. */
  readonly index: number
}

/** A message is for reading; `issues` holds them all. */
const TOLD_ISSUES = 5

/** The caller passed an event that cannot be recorded. None of the call's events were recorded; repeating it as it is will not help. */
export class InvalidEventError extends Error {
  override readonly name = 'InvalidEventError'
  readonly tag = 'invalid-event'
  readonly issues: readonly InvalidEventIssue[]

  constructor(issues: readonly InvalidEventIssue[]) {
    const told = issues.slice(0, TOLD_ISSUES).map(({ index, path, message }) => `Event ${index}: ${path || 'it'} ${message}.`)
    const rest = issues.length - told.length
    super(`No event was recorded. ${told.join(' ')}${rest > 0 ? ` And ${rest} more.` : ''}`)
    this.issues = issues
  }
}
