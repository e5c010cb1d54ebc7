import { EventPersistenceError } from '../model/errors.ts'
import { type Failure, RequestFailure } from '../protocol/failure.ts'
import { problemOf, RETRY_AFTER_SECONDS, ROOM_AFTER_SECONDS } from '../protocol/problem.ts'

export function problemResponse(failure: Failure, requestId: string): Response {
  const problem = problemOf(failure)
  const headers = new Headers({ 'Content-Type': 'application/problem+json', 'Cache-Control': 'no-store' })
  if (problem.status === 503) headers.set('Retry-After', String(RETRY_AFTER_SECONDS))
  if (failure.kind === 'rate-limited' && 'cap' in failure) headers.set('Retry-After', String(ROOM_AFTER_SECONDS))
  if (failure.kind === 'rate-limited' && 'policy' in failure) {
    const { name, limit, seconds } = failure.policy
    headers.set('Retry-After', String(seconds))
    headers.set('RateLimit', `"${name}";r=0;t=${seconds}`)
    headers.set('RateLimit-Policy', `"${name}";q=${limit};w=${seconds}`)
  }
  if (failure.kind === 'unauthenticated') headers.set('WWW-Authenticate', 'Bearer')
  if (failure.kind === 'forbidden') headers.set('WWW-Authenticate', `Bearer error="insufficient_scope", scope="${failure.scope}"`)
  if (failure.kind === 'method-not-allowed') headers.set('Allow', failure.allow.join(', '))
  return new Response(JSON.stringify({ ...problem, request_id: requestId }), { status: problem.status, headers })
}

/** SQLSTATE. */
const INSUFFICIENT_PRIVILEGE = '42501'

const WORKER_LACKS_RIGHTS =
  'The database role of DATABASE_URL lacks a right that this needs: apply the migrations, and make it a member of event_store_worker.'

const CANNOT_ERASE =
  'Erasing needs a database role of its own: set MAINTENANCE_DATABASE_URL to one that is a member of event_store_maintenance. Nothing was erased.'

/** What another role than the Worker's does, by operation of the history. */
const MISSING_RIGHTS: Readonly<Record<string, string>> = { clear: CANNOT_ERASE, clearConversations: CANNOT_ERASE }

/** Sorts what a handler threw: a failure that was foreseen, a backend that is away, or a bug. */
export function failureOf(thrown: unknown): Failure {
  if (thrown instanceof RequestFailure) return thrown.failure
  if (thrown instanceof EventPersistenceError && thrown.code === INSUFFICIENT_PRIVILEGE) {
    return { kind: 'not-configured', problems: [MISSING_RIGHTS[thrown.operation] ?? WORKER_LACKS_RIGHTS] }
  }
  if (thrown instanceof EventPersistenceError && (thrown.transient || !thrown.refusesData)) {
    return {
      kind: 'history-unavailable',
      detail:
        'Postgres cannot be reached or does not serve at the moment. What was recorded is safe and will be delivered; recording and reads of a conversation go on. Repeat this request later.',
    }
  }
  return { kind: 'internal' }
}
