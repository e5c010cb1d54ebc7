import type { readQuarantine as operation } from '../../protocol/operations.ts'
import type { Route } from '../context.ts'
import { flushSession } from '../flush.ts'
import { answerList } from '../lists.ts'

export const readQuarantine: Route<typeof operation> = async (context) => {
  await flushSession(context)
  return answerList(
    context,
    (page) => context.deps.history.quarantined(context.tenant, page),
    ({ event, ...item }) => `${JSON.stringify(item).slice(0, -1)},"event":${event}}`,
  )
}
