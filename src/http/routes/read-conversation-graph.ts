import { eventGraphBuilder } from '../../model/event-graph.ts'
import { RequestFailure } from '../../protocol/failure.ts'
import type { readConversationGraph as operation } from '../../protocol/operations.ts'
import type { Route } from '../context.ts'
import { conversationPages } from '../conversation-pages.ts'
import { eachEvent } from '../each-event.ts'

export const readConversationGraph: Route<typeof operation> = async (context) => {
  const graph = eventGraphBuilder()
  const events = await eachEvent(conversationPages(context, context.params.id), (event) => graph.add(event))
  if (events === 0) {
    throw new RequestFailure({ kind: 'not-found', detail: `There is no conversation ${JSON.stringify(context.params.id)}.` })
  }
  context.audit.count = events
  return Response.json(graph.finish())
}
