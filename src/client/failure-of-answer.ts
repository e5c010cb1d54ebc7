import { ConflictingEventsError, WrongExpectedSeqError } from '../model/conflict-errors.ts'
import { EventPersistenceError } from '../model/errors.ts'
import { member } from '../model/event-context.ts'
import { InvalidEventError } from '../model/invalid-event-error.ts'
import type { Problem } from '../protocol/problem.ts'
import { PROBLEM_TYPE_PREFIX } from '../protocol/problem-kind.ts'
import { isRepeatable } from './retry.ts'

/** What an answer outside 2xx is to the application, beside its status and text. */
export interface AnswerFailure {
  readonly operation: string
  readonly repeatIsSafe?: boolean
  readonly retryAfterMs?: number | undefined
}

/** What an answer outside 2xx means to the application: its own mistake, or a store that does not serve now. */
export function failureOfAnswer(status: number, text: string, about: AnswerFailure): Error {
  const problem = parseProblem(text)
  const kind = kindOf(problem)
  const mistake = problem && mistakeOf(problem, kind)
  if (mistake) return mistake
  const what = problem ? `${problem.title}: ${problem.detail}` : `the service answered ${status}`
  return new EventPersistenceError(`${about.operation} failed. ${what}`, {
    ...about,
    transient: isRepeatable(status),
    refusesData: status === 413 || status === 400,
    kind,
    cause: problem ?? undefined,
  })
}

/** What the application asked for and did not hold. */
function mistakeOf(problem: Problem, kind: string | undefined): Error | null {
  const { errors, conversation_id, expected_seq, head_seq, conflicts, partly_recorded } = problem
  switch (kind) {
    case 'invalid-events':
      return errors ? new InvalidEventError(errors.map(({ index = 0, path, message }) => ({ index, path, message }))) : null
    case 'wrong-expected-seq':
      return new WrongExpectedSeqError({
        conversationId: String(conversation_id),
        expectedSeq: Number(expected_seq),
        headSeq: Number(head_seq),
      })
    case 'conflicting-events':
      return new ConflictingEventsError({
        conflicts: Array.isArray(conflicts) ? conflicts.map(String) : [],
        partlyRecorded: partly_recorded === true,
      })
    default:
      return null
  }
}

/** The kind of the service's own problems: `not-found` and so on. */
export function kindOf(problem: Problem | null): string | undefined {
  return problem?.type.startsWith(PROBLEM_TYPE_PREFIX) ? problem.type.slice(PROBLEM_TYPE_PREFIX.length) : undefined
}

/**
 * The problem that a text describes; null when it is something else. Without the schema, which is for the service's own
 * document and as large as the rest of this file.
 */
export function parseProblem(text: string): Problem | null {
  try {
    const problem: Problem = JSON.parse(text)
    const isOne = ['type', 'title', 'detail'].every((name) => typeof member(problem, name) === 'string')
    return isOne && (problem.errors === undefined || Array.isArray(problem.errors)) ? problem : null
  } catch {
    return null
  }
}

/** Nothing, as the service says it. Whatever else may be at the address, a proxy without a route, does not know. Throws for its 404. */
export function readNotFound(text: string): null {
  if (kindOf(parseProblem(text)) === 'not-found') return null
  throw new Error('the 404 is not the service’s')
}
