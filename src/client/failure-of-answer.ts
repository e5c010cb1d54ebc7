import { ConflictingEventsError, WrongExpectedSeqError } from '../model/conflict-errors.ts'
import { EventPersistenceError } from '../model/errors.ts'
import { InvalidEventError } from '../model/invalid-event-error.ts'
import { PROBLEM_TYPE_PREFIX, Problem } from '../protocol/problem.ts'
import { isRepeatable } from './retry.ts'

/** What an answer outside 2xx is to the application, beside its status and text. */
export interface AnswerFailure {
  readonly operation: string
  readonly repeatIsSafe: boolean
  readonly retryAfterMs: number | undefined
}

/** What an answer outside 2xx means to the application: its own mistake, or a store that does not serve now. */
export function failureOfAnswer(status: number, text: string, about: AnswerFailure): Error {
  const problem = parseProblem(text)
  if (status === 422 && problem?.errors) {
    return new InvalidEventError(problem.errors.map(({ index = 0, path, message }) => ({ index, path, message })))
  }
  const conflict = status === 409 && problem ? conflictOf(problem) : null
  if (conflict) return conflict
  const what = problem ? `${problem.title}: ${problem.detail}` : `the service answered ${status}`
  return new EventPersistenceError(`${about.operation} failed. ${what}`, {
    ...about,
    transient: isRepeatable(status),
    refusesData: status === 413 || status === 400,
    cause: problem ?? undefined,
  })
}

function conflictOf(problem: Problem): Error | null {
  const { conversation_id, expected_seq, head_seq, conflicts, partly_recorded } = problem
  switch (problem.type.slice(PROBLEM_TYPE_PREFIX.length)) {
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

/** The problem that a text describes; null when it is something else. */
export function parseProblem(text: string): Problem | null {
  try {
    const parsed = Problem.safeParse(JSON.parse(text))
    return parsed.success ? parsed.data : null
  } catch {
    return null
  }
}
