import type { readAssistantRequestEvents as operation } from '../../protocol/operations.ts'
import type { Route } from '../context.ts'
import { conversationPages } from '../conversation-pages.ts'
import { flushSession } from '../flush.ts'
import { historyPages } from '../history-pages.ts'
import { answerPages } from '../pages.ts'

export const readAssistantRequestEvents: Route<typeof operation> = async (context) => {
  const { deps, tenant, params, query } = context
  if (query.conversation_id !== undefined) {
    const source = conversationPages(context, query.conversation_id, { filter: { assistant_request_id: params.id } })
    return answerPages(context, source, query, true)
  }
  await flushSession(context)
  return answerPages(
    context,
    historyPages((page) => deps.history.assistantRequestEvents(tenant, params.id, page)),
    query,
    true,
  )
}
