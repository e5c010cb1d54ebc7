import { RequestFailure } from '../../protocol/failure.ts'
import type { readConversation as operation } from '../../protocol/operations.ts'
import type { Route } from '../context.ts'

export const readConversation: Route<typeof operation> = async (context) => {
  const { deps, tenant, params } = context
  const stat = await deps.conversations(tenant, params.id).stat()
  if (!stat) throw new RequestFailure({ kind: 'not-found', detail: `There is no conversation ${JSON.stringify(params.id)}.` })
  return Response.json({
    conversation_id: params.id,
    head_seq: stat.head_seq,
    persisted_seq: stat.persisted_seq,
    event_count: stat.event_count,
    first_at: new Date(stat.first_at).toISOString(),
    last_at: new Date(stat.last_at).toISOString(),
  })
}
