import type * as z from 'zod'

/** What is wrong with one member of an event. */
export interface EventIssue {
  /** Where, from the event on: `event_context.invoke_context.conversation_id`, `data.input_data[0]`; empty for the event itself. */
  readonly path: string
  /** What is wrong and what to send instead. Never holds the event's content. */
  readonly message: string
}

/** More than this helps nobody, and a hostile event can have a million. */
const MAX_ISSUES = 20

/** Zod's issues in the form in which the store reports them. */
export function toEventIssues(issues: readonly z.core.$ZodIssue[]): EventIssue[] {
  return issues.slice(0, MAX_ISSUES).map((issue) => ({ path: toPath(issue.path), message: issue.message }))
}

/** The message of a member that is missing or has the wrong type; pass as the `error` of a parse. */
export function describeIssue(issue: z.core.$ZodRawIssue): string | undefined {
  if (issue.code === 'invalid_type') {
    const expected = TYPE_NAMES[issue.expected] ?? issue.expected
    return issue.input === undefined ? `is missing: send ${expected}` : `has the wrong type: send ${expected}`
  }
  if (issue.code === 'too_small') return `is too small: send at least ${issue.minimum}`
  if (issue.code === 'too_big') return `is too large: send at most ${issue.maximum}`
  return undefined
}

const TYPE_NAMES: Readonly<Record<string, string>> = {
  string: 'a string',
  number: 'a number',
  int: 'an integer',
  object: 'an object',
  array: 'an array',
  boolean: 'true or false',
}

/** `event_context.topics[0]` from the steps that lead there. */
export function toPath(path: readonly PropertyKey[]): string {
  return path.reduce<string>(
    (text, key) => (typeof key === 'number' ? `${text}[${key}]` : text === '' ? String(key) : `${text}.${String(key)}`),
    '',
  )
}
