import { overviewRange } from '../../model/overview-range.ts'
import type { readMonitorUnfinished as operation } from '../../protocol/operations.ts'
import type { Route } from '../context.ts'
import { flushSession } from '../flush.ts'
import { answerList } from '../lists.ts'
import { boundedRead, checkedRange } from '../overview.ts'

export const readMonitorUnfinished: Route<typeof operation> = async (context) => {
  const { deps, tenant, query } = context
  const range = checkedRange(overviewRange(query, deps.now()))
  await flushSession(context)
  return answerList(
    context,
    (page) => boundedRead(() => deps.history.unfinished(tenant, { ...range, ...page })),
    (item) => JSON.stringify(item),
  )
}
