import type { EventIssue } from './issues.ts'

/** What is wrong with one event of a call. */
export interface InvalidEventIssue extends EventIssue {
  /** The event's place in the list that was passed, from 0. */
  readonly index: number
}

/** A message is for reading; `issues` holds them all. */
const TOLD_ISSUES = 5

/**
 * The caller passed an event that cannot be recorded. None of the call's events were recorded, or those before it in a list
 * that takes several requests (`partlyRecorded`); repeating it as it is will not help.
 */
export class InvalidEventError extends Error {
  override readonly name = 'InvalidEventError'
  readonly tag = 'invalid-event'
  readonly issues: readonly InvalidEventIssue[]

  /** Whether events that stand before it in a long list were recorded: recording them again is safe. */
  readonly partlyRecorded: boolean

  constructor(issues: readonly InvalidEventIssue[], partlyRecorded = false) {
    const told = issues.slice(0, TOLD_ISSUES).map(({ index, path, message }) => `Event ${index}: ${said(path, message)}.`)
    const rest = issues.length - told.length
    super(
      `${partlyRecorded ? 'A part of the events' : 'No event'} was recorded. ${told.join(' ')}${rest > 0 ? ` And ${rest} more.` : ''}`,
    )
    this.issues = issues
    this.partlyRecorded = partlyRecorded
  }
}

/** A message that begins with a capital is a sentence of its own, others go on from what they are about. */
function said(path: string, message: string): string {
  if (/^\p{Lu}/u.test(message)) return path === '' ? message : `${path}: ${message}`
  return `${path || 'it'} ${message}`
}
