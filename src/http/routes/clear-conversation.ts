import { RequestFailure } from '../../protocol/failure.ts'
import type { clearConversation as operation } from '../../protocol/operations.ts'
import { CLOCK_UNCERTAINTY_MS } from '../clock-uncertainty.ts'
import type { Route } from '../context.ts'
import { flush } from '../flush.ts'

/** Until the queue does it again: longer than the request takes as a rule, which tells how many events there were. */
const AGAIN_AFTER_SECONDS = 60

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
  // The log's times may be ahead of this clock.
  const marker = Math.max(deps.now() + CLOCK_UNCERTAINTY_MS, stat?.last_at ?? 0)
  // Wherever this request may end: what it has begun comes to its end.
  const again = { tenant, conversation_id: id, cleared_through: marker, history: 'asked' } as const
  await deps.notify([again], AGAIN_AFTER_SECONDS).catch((cause) => {
    const detail = 'The queue did not take the clearing, and nothing was cleared. Repeat this request later.'
    throw new RequestFailure({ kind: 'recording-unavailable', detail }, cause)
  })
  const removed = (await deps.history.clearInSteps(tenant, [id], marker)).get(id) ?? 0
  context.audit.count = removed
  await deps.wait(marker + CLOCK_UNCERTAINTY_MS - deps.now())
  const hasForgotten = await conversation.clear(marker).then(
    () => true,
    () => false,
  )
  // As of now: a page that was kept while this ran may hold what is gone.
  const cleared_through = Math.max(deps.now(), marker, session.cleared_through ?? 0)
  deps.recent.clearedConversation(tenant, id, cleared_through)
  context.session = { written: new Map([...session.written].filter(([other]) => other !== id)), cleared_through }
  return Response.json({ conversation_id: id, removed_events: removed }, { status: hasForgotten ? 200 : 202 })
}
