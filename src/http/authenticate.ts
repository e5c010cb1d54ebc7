import { type Failure, RequestFailure } from '../protocol/failure.ts'
import type { Operation } from '../protocol/operations/operation.ts'
import type { Authentication } from '../security/access.ts'
import { authorize } from '../security/authorize.ts'
import type { Surroundings } from '../security/surroundings.ts'
import { type PresentedTicket, readTicket } from '../security/ticket.ts'
import type { AppDeps } from './context.ts'
import type { HeldTickets } from './held-tickets.ts'
import { queryOf } from './query-of.ts'

/** Hexadecimal digits: 64 bits tell tickets apart. */
const TICKET_NAME_LENGTH = 16

export interface Credential {
  /** Checks it; a second time what may have changed of it. */
  check(surroundings: Surroundings): Promise<Authentication>
}

/** The credential of a request: what is in its `Authorization`, or a ticket where its operation takes one. Throws where it sends both. */
export function credentialOf(
  operation: Operation,
  request: Request,
  params: Record<string, string>,
  { access, conversations, now }: Pick<AppDeps, 'access' | 'conversations' | 'now'>,
  held: HeldTickets,
): Credential {
  const ticket = operation.takesTicket ? queryOf(request).get('ticket') : null
  if (ticket === null) return { check: (surroundings) => access.authenticate(request, surroundings) }
  if (request.headers.has('Authorization')) {
    const message = 'stands beside an Authorization header: send one of them'
    throw new RequestFailure({ kind: 'invalid-request', errors: [{ path: 'ticket', message }] })
  }
  // What is kept of a ticket does not change, so it is fetched once.
  let found: ReturnType<typeof findTicket> | undefined
  return {
    async check({ waitUntil, countAttempt }) {
      let counted: Promise<void> | undefined
      const once = () => {
        counted ??= countAttempt()
        return counted
      }
      const presented = await readTicket(ticket)
      const id = conversationIn(operation, params)
      const place = presented && id !== null ? { ...presented, id } : null
      // Anyone can make up tickets: without end they must reach no object, and any tenant's name may stand in them.
      if (place && !held.has(place, now())) await once()
      found ??= findTicket(place, conversations)
      const stored = await found
      const authentication = await access.authenticateTicket(stored, place?.tenant ?? '', request, {
        waitUntil,
        countAttempt: once,
      })
      if (!authentication.ok || !place || !stored) return authentication
      held.add(place, stored.expires_at, now())
      return { ok: true, principal: { ...authentication.principal, ticket: place.hash.slice(0, TICKET_NAME_LENGTH) } }
    },
  }
}

function conversationIn(operation: Operation, params: Record<string, string>): string | null {
  const checked = operation.params.safeParse(params)
  const id = checked.success ? (checked.data as { readonly id?: unknown }).id : null
  return typeof id === 'string' ? id : null
}

async function findTicket(place: (PresentedTicket & { readonly id: string }) | null, conversations: AppDeps['conversations']) {
  return place && (await conversations(place.tenant, place.id).findTicket(place.hash))
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
