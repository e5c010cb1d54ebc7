import type { readTopicEvents as operation } from '../../protocol/operations.ts'
import type { Route } from '../context.ts'
import { conversationPages } from '../conversation-pages.ts'
import { flushSession } from '../flush.ts'
import { historyPages } from '../history-pages.ts'
import { answerPages } from '../pages.ts'

export const readTopicEvents: Route<typeof operation> = async (context) => {
  const { deps, tenant, params, query } = context
  const topic = { name: params.name, offsets: query.offsets }
  if (query.conversation_id !== undefined) {
    return answerPages(context, conversationPages(context, query.conversation_id, { filter: { topic } }), query, true)
  }
  await flushSession(context)
  return answerPages(
    context,
    historyPages((page) => deps.history.topicEvents(tenant, topic, page)),
    query,
    true,
  )
}
