import { requestSummaryBuilder } from '../../model/request-summary.ts'
import { RequestFailure } from '../../protocol/failure.ts'
import type { readAssistantRequestSummary as operation } from '../../protocol/operations.ts'
import type { Route } from '../context.ts'
import { eachEvent } from '../each-event.ts'
import { flushSession } from '../flush.ts'
import { historyPages } from '../history-pages.ts'

export const readAssistantRequestSummary: Route<typeof operation> = async (context) => {
  const { deps, tenant, params } = context
  await flushSession(context)
  const summary = requestSummaryBuilder()
  const source = historyPages((page) => deps.history.assistantRequestEvents(tenant, params.id, page))
  const events = await eachEvent(source, (event) => summary.add(event))
  if (events === 0) {
    const detail = `There is no assistant request ${JSON.stringify(params.id)}. One of the last second is found with the session of its writer.`
    throw new RequestFailure({ kind: 'not-found', detail })
  }
  context.audit.count = events
  return Response.json(summary.finish())
}
