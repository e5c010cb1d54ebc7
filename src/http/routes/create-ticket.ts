import { MAX_TICKETS, TICKET_SECONDS } from '../../model/limits.ts'
import { type RateLimitPolicy, RequestFailure } from '../../protocol/failure.ts'
import type { createTicket as operation } from '../../protocol/operations.ts'
import { ticketMakerOf } from '../../security/principal.ts'
import { generateTicket } from '../../security/ticket.ts'
import type { Route } from '../context.ts'

const TICKETS_POLICY: RateLimitPolicy = {
  name: 'tickets',
  limit: MAX_TICKETS,
  seconds: TICKET_SECONDS,
  counts: 'tickets for this conversation',
}

export const createTicket: Route<typeof operation> = async ({ deps, principal, tenant, params, audit }) => {
  const { ticket, hash } = await generateTicket(tenant)
  const expires_at = Math.min(deps.now() + TICKET_SECONDS * 1000, principal.expires_at ?? Number.POSITIVE_INFINITY)
  const kept = await deps.conversations(tenant, params.id).addTicket(hash, { maker: ticketMakerOf(principal), expires_at })
  if (!kept) throw new RequestFailure({ kind: 'rate-limited', policy: TICKETS_POLICY })
  audit.count = 1
  return Response.json(
    { ticket, conversation_id: params.id, expires_at: new Date(expires_at).toISOString() },
    { status: 201, headers: { 'Cache-Control': 'no-store' } },
  )
}
