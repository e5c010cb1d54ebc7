import { kindOf, parseProblem } from '../../client/failure-of-answer.ts'
import { type Failure, failureOfProblem, UNREACHABLE } from '../data/failure.ts'

/** The cheapest read, which takes the same scope as all others. */
const PROBE_PATH = '/v1/conversations?limit=1'

/** What the service says to a credential, or to none: null when it may read. */
export async function probe(apiKey: string | null, signal?: AbortSignal): Promise<Failure | null> {
  const headers = new Headers(apiKey === null ? {} : { Authorization: `Bearer ${apiKey}` })
  let answer: Response
  let body: string
  try {
    answer = await fetch(PROBE_PATH, { headers, cache: 'no-store', ...(signal ? { signal } : {}) })
    body = answer.ok ? '' : await answer.text().catch(() => '')
  } catch (thrown) {
    signal?.throwIfAborted()
    return { ...UNREACHABLE, cause: thrown }
  }
  if (answer.ok) return null
  const problem = parseProblem(body)
  const failure = failureOfProblem(problem, answer.status, kindOf(problem))
  // The credential held; what is away may be needed by some views and not by others, which say so themselves.
  return failure.problem === 'history-unavailable' ? null : failure
}
