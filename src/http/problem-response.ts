import { EventPersistenceError } from '../model/errors.ts'
import { type Failure, RequestFailure } from '../protocol/failure.ts'
import { problemOf, RETRY_AFTER_SECONDS } from '../protocol/problem.ts'

export function problemResponse(failure: Failure, requestId: string): Response {
  const problem = problemOf(failure)
  const headers = new Headers({ 'Content-Type': 'application/problem+json', 'Cache-Control': 'no-store' })
  if (problem.status === 503) headers.set('Retry-After', String(RETRY_AFTER_SECONDS))
  if (failure.kind === 'unauthenticated') headers.set('WWW-Authenticate', 'Bearer')
  if (failure.kind === 'method-not-allowed') headers.set('Allow', failure.allow.join(', '))
  return new Response(JSON.stringify({ ...problem, request_id: requestId }), { status: problem.status, headers })
}

/** Sorts what a handler threw: a failure that was foreseen, a backend that is away, or a bug. */
export function failureOf(thrown: unknown): Failure {
  if (thrown instanceof RequestFailure) return thrown.failure
  if (thrown instanceof EventPersistenceError && (thrown.transient || !thrown.refusesData)) {
    return {
      kind: 'history-unavailable',
      detail:
        'Postgres cannot be reached or does not serve at the moment. What was recorded is safe and will be delivered; recording and reads of a conversation go on. Repeat this request later.',
    }
  }
  return { kind: 'internal' }
}
