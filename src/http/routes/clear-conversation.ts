import { RequestFailure } from '../../protocol/failure.ts'
import type { clearConversation as operation } from '../../protocol/operations.ts'
import { CLOCK_UNCERTAINTY_MS } from '../clock-uncertainty.ts'
import type { Route } from '../context.ts'
import { flush } from '../flush.ts'

export const clearConversation: Route<typeof operation> = async (context) => {
  const { deps, tenant, params, query, session } = context
  const { id } = params
  if (query.confirm !== id) {
    const message = `must be the id of the conversation, ${JSON.stringify(id)}: everything it has recorded will be gone`
    throw new RequestFailure({ kind: 'invalid-request', errors: [{ path: 'confirm', message }] })
  }
  const conversation = deps.conversations(tenant, id)
  const stat = await conversation.stat()
  // What is on its way counts as removed, too.
  if (stat) await flush(deps, tenant, new Map([[id, stat.head_seq]]))
  const marker = deps.now() + CLOCK_UNCERTAINTY_MS
  const removed = (await deps.history.clearConversations(tenant, [id], marker)).get(id) ?? 0
  context.audit.count = removed
  // Should this end here, or the object be away: the queue goes on until the object has forgotten, too.
  await deps.notify([{ tenant, conversation_id: id, cleared_through: marker }])
  await deps.wait(marker + CLOCK_UNCERTAINTY_MS - deps.now())
  await conversation.clear(marker)
  deps.recent.clearedConversation(tenant, id, marker)
  const written = new Map([...session.written].filter(([other]) => other !== id))
  context.session = { written, cleared_through: marker }
  return Response.json({ conversation_id: id, removed_events: removed })
}
