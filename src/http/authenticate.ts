import { type Failure, RequestFailure } from '../protocol/failure.ts'
import type { Operation } from '../protocol/operations/operation.ts'
import type { Authentication } from '../security/access.ts'
import { authorize } from '../security/authorize.ts'
import type { Surroundings } from '../security/surroundings.ts'
import { readTicket } from '../security/ticket.ts'
import type { AppDeps } from './context.ts'

export interface Credential {
  /** Checks it; a second time what may have changed of it. */
  check(surroundings: Surroundings): Promise<Authentication>
}

/** The credential of a request: what is in its `Authorization`, or a ticket where its operation takes one. Throws where it sends both. */
export function credentialOf(
  operation: Operation,
  request: Request,
  params: Record<string, string>,
  { access, conversations }: Pick<AppDeps, 'access' | 'conversations'>,
): Credential {
  const ticket = operation.takesTicket ? new URL(request.url).searchParams.get('ticket') : null
  if (ticket === null) return { check: (surroundings) => access.authenticate(request, surroundings) }
  if (request.headers.has('Authorization')) {
    const message = 'stands beside an Authorization header: send one of them'
    throw new RequestFailure({ kind: 'invalid-request', errors: [{ path: 'ticket', message }] })
  }
  // What is kept of a ticket does not change, so it is fetched once.
  const found = findTicket(operation, params, ticket, conversations)
  found.catch(() => undefined)
  return {
    check: async (surroundings) => {
      const { stored, tenant } = await found
      return access.authenticateTicket(stored, tenant, request, surroundings)
    },
  }
}

async function findTicket(
  operation: Operation,
  params: Record<string, string>,
  text: string,
  conversations: AppDeps['conversations'],
) {
  const presented = await readTicket(text)
  const checked = operation.params.safeParse(params)
  const id = checked.success ? (checked.data as { readonly id?: unknown }).id : undefined
  if (!presented || typeof id !== 'string') return { stored: null, tenant: '' }
  const { tenant, hash } = presented
  return { stored: await conversations(tenant, id).findTicket(hash), tenant }
}

/** Looks whether a request's credential still holds; while that cannot be checked, it does. Counts no attempt. */
export function rechecking(
  credential: Credential,
  { scope }: Operation,
  waitUntil: Surroundings['waitUntil'],
): () => Promise<Failure | null> {
  return async () => {
    const authentication = await credential.check({ waitUntil, countAttempt: async () => {} })
    if (authentication.ok) return authorize(authentication.principal, scope)
    return authentication.failure.kind === 'authentication-unavailable' ? null : authentication.failure
  }
}
