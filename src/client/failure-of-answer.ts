import { EventPersistenceError } from '../model/errors.ts'
import { InvalidEventError } from '../model/invalid-event-error.ts'
import { Problem } from '../protocol/problem.ts'

/** What an answer outside 2xx means to the application: its own mistake, or a store that does not serve now. */
export async function failureOfAnswer(operation: string, answer: Response): Promise<EventPersistenceError | InvalidEventError> {
  const text = await answer.text().catch(() => '')
  const problem = parseProblem(text)
  if (answer.status === 422 && problem?.errors) {
    return new InvalidEventError(problem.errors.map(({ index = 0, path, message }) => ({ index, path, message })))
  }
  const what = problem ? `${problem.title}: ${problem.detail}` : `the service answered ${answer.status}`
  return new EventPersistenceError(`${operation} failed. ${what}`, {
    operation,
    transient: answer.status >= 500 || answer.status === 429,
    refusesData: answer.status === 413,
    cause: problem ?? undefined,
  })
}

export function unreachable(operation: string, cause: unknown): EventPersistenceError {
  return new EventPersistenceError(`${operation} failed: the service cannot be reached`, { operation, transient: true, cause })
}

function parseProblem(text: string): Problem | null {
  try {
    const parsed = Problem.safeParse(JSON.parse(text))
    return parsed.success ? parsed.data : null
  } catch {
    return null
  }
}
