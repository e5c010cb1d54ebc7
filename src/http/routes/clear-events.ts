import { RequestFailure } from '../../protocol/failure.ts'
import type { clearEvents as operation } from '../../protocol/operations.ts'
import { CLOCK_UNCERTAINTY_MS } from '../clock-uncertainty.ts'
import type { Route } from '../context.ts'

/** Objects cleared at once. */
const CONCURRENT_CALLS = 64

/** Objects cleared before the answer; a Worker has 10,000 calls. The others are told through the queue, within seconds. */
const CLEARED_AT_ONCE = 2_000

export const clearEvents: Route<typeof operation> = async (context) => {
  const { deps, tenant, query } = context
  if (query.confirm !== tenant) {
    const message = `must be the name of the tenant, ${JSON.stringify(tenant)}: everything it has recorded will be gone`
    throw new RequestFailure({ kind: 'invalid-request', errors: [{ path: 'confirm', message }] })
  }
  const marker = deps.now() + CLOCK_UNCERTAINTY_MS
  const known = await deps.history.clear(tenant, marker)
  // From here on it is done, whatever becomes of the objects: whoever repeats it is named them again.
  context.audit.count = known.length
  deps.log('info', 'cleared a tenant', { tenant, conversations: known.length })
  await deps.wait(marker + CLOCK_UNCERTAINTY_MS - deps.now())
  const conversations = [...new Set([...known, ...context.session.written.keys(), ...deps.recent.conversationsOf(tenant)])]
  const notices = conversations
    .slice(CLEARED_AT_ONCE)
    .map((conversation_id) => ({ tenant, conversation_id, cleared_through: marker }))
  await deps.notify(notices)
  const direct = conversations.slice(0, CLEARED_AT_ONCE)
  for (let at = 0; at < direct.length; at += CONCURRENT_CALLS) {
    await Promise.all(direct.slice(at, at + CONCURRENT_CALLS).map((id) => deps.conversations(tenant, id).clear(marker)))
  }
  // As of now: a page that was kept while this ran may hold what is gone.
  const cleared_through = Math.max(deps.now(), marker, context.session.cleared_through ?? 0)
  deps.recent.cleared(tenant, cleared_through)
  context.session = { written: new Map(), cleared_through }
  context.audit.count = conversations.length
  return Response.json({ cleared_conversations: conversations.length })
}
