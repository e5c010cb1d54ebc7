import { RequestFailure } from '../../protocol/failure.ts'
import type { readEvent as operation } from '../../protocol/operations.ts'
import type { Route } from '../context.ts'
import { conversationPages } from '../conversation-pages.ts'
import { flushSession } from '../flush.ts'
import { frame, renderHistoryItems } from '../history-pages.ts'

const FRAME_BEFORE = '{"items":['.length

export const readEvent: Route<typeof operation> = async (context) => {
  const { deps, tenant, params, query } = context
  const { event_id } = params
  if (query.conversation_id !== undefined) {
    const source = conversationPages(context, query.conversation_id, { filter: { event_id } })
    const page = await source({ after: undefined, limit: 1, format: 'json' })
    if (page.items === 0) throw notFound(event_id, ' in this conversation.')
    const text = await new Response(page.body).text()
    // The page has a next cursor where the conversation goes on behind what its object has trimmed.
    const frameAfter = frame('', page.next_cursor).length - FRAME_BEFORE
    context.audit.count = 1
    return answer(text.slice(FRAME_BEFORE, -frameAfter))
  }
  await flushSession(context)
  const item = await deps.history.event(tenant, event_id)
  if (!item)
    throw notFound(event_id, '. One of the last second is found with its conversation_id, or with the session of its writer.')
  context.audit.count = 1
  return answer(renderHistoryItems([item], 'json', ({ position }) => position))
}

function answer(item: string): Response {
  return new Response(item, { headers: { 'Content-Type': 'application/json', 'Cache-Control': 'private, no-cache' } })
}

function notFound(eventId: string, where: string): RequestFailure {
  return new RequestFailure({ kind: 'not-found', detail: `There is no event ${JSON.stringify(eventId)}${where}` })
}
