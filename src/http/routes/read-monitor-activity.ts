import { activityRange } from '../../model/overview-range.ts'
import type { readMonitorActivity as operation } from '../../protocol/operations.ts'
import type { Route } from '../context.ts'
import { flushSession } from '../flush.ts'
import { boundedRead, checkedRange } from '../overview.ts'

export const readMonitorActivity: Route<typeof operation> = async (context) => {
  const { deps, tenant, query } = context
  const range = checkedRange(activityRange(query, deps.now()))
  await flushSession(context)
  const points = await boundedRead(() => deps.history.activity(tenant, range))
  context.audit.count = points.length
  return Response.json({ ...range, points })
}
