import { EventPersistenceError } from '../../client/index.ts'
import { member } from '../../model/event-context.ts'

/** What went wrong, as far as a view shows it differently. */
export type FailureKind = 'signed-out' | 'no-access' | 'not-found' | 'unavailable' | 'rate-limited' | 'unexpected'

export interface Failure {
  readonly kind: FailureKind
  readonly title: string
  readonly detail: string
  /** The problem's kind, such as `history-unavailable`; null when the answer was none of the service's problems. */
  readonly problem: string | null
  /** The scope that the credential lacks. */
  readonly scope: string | null
  /** Finds the request in the service's logs. */
  readonly requestId: string | null
  readonly cause?: unknown
}

const NOTHING_MORE = { problem: null, scope: null, requestId: null } as const

export const UNREACHABLE: Failure = {
  kind: 'unavailable',
  title: 'The service cannot be reached',
  detail: 'Check that it runs and that this machine is online.',
  ...NOTHING_MORE,
}

/** What an error of the client means to who looks at a view. */
export function failureOf(thrown: unknown): Failure {
  if (!(thrown instanceof EventPersistenceError)) {
    const detail = thrown instanceof Error ? thrown.message : String(thrown)
    return { kind: 'unexpected', title: 'This did not work', detail, ...NOTHING_MORE, cause: thrown }
  }
  const status = member(thrown.cause, 'status')
  if (typeof status === 'number') return { ...failureOfProblem(thrown.cause, status, thrown.kind), cause: thrown }
  if (thrown.transient) return { ...UNREACHABLE, cause: thrown }
  return { kind: 'unexpected', title: 'This did not work', detail: thrown.message, ...NOTHING_MORE, cause: thrown }
}

/** What an answer outside 2xx means; `body` is that, parsed, whatever it is, and `problem` the kind that it names. */
export function failureOfProblem(body: unknown, status: number, problem: string | undefined): Failure {
  const text = (name: string) => {
    const value = member(body, name)
    return typeof value === 'string' ? value : null
  }
  const kind = kindOf(status)
  return {
    kind,
    title: text('title') ?? (kind === 'unavailable' ? 'The service is unavailable' : `The service answered ${status}`),
    detail: text('detail') ?? 'Try again in a moment.',
    problem: problem ?? null,
    scope: text('scope'),
    requestId: text('request_id'),
  }
}

function kindOf(status: number): FailureKind {
  switch (status) {
    case 401:
      return 'signed-out'
    case 403:
      return 'no-access'
    case 404:
      return 'not-found'
    case 429:
      return 'rate-limited'
    default:
      return status >= 500 ? 'unavailable' : 'unexpected'
  }
}
