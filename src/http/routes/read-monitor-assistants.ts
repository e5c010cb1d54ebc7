import { overviewRange } from '../../model/overview-range.ts'
import type { readMonitorAssistants as operation } from '../../protocol/operations.ts'
import type { Route } from '../context.ts'
import { flushSession } from '../flush.ts'
import { boundedRead, checkedRange } from '../overview.ts'

export const readMonitorAssistants: Route<typeof operation> = async (context) => {
  const { deps, tenant, query } = context
  const range = checkedRange(overviewRange(query, deps.now()))
  await flushSession(context)
  const { assistants, truncated } = await boundedRead(() => deps.history.assistants(tenant, range))
  context.audit.count = assistants.length
  return Response.json({ ...range, assistants, ...(truncated ? { truncated } : {}) })
}
