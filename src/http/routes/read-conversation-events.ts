import type { readConversationEvents as operation } from '../../protocol/operations.ts'
import type { Route } from '../context.ts'
import { conversationPages } from '../conversation-pages.ts'
import { answerPages } from '../pages.ts'

export const readConversationEvents: Route<typeof operation> = (context) => {
  const { after, limit, until_seq, event_type } = context.query
  const source = conversationPages(context, context.params.id, {
    until_seq,
    filter: event_type === undefined ? undefined : { event_type },
  })
  return answerPages(context, source, { limit, after: after === undefined ? undefined : String(after) }, true)
}
