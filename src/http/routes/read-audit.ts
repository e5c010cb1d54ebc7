import type { readAudit as operation } from '../../protocol/operations.ts'
import type { Route } from '../context.ts'
import { answerList } from '../lists.ts'

export const readAudit: Route<typeof operation> = async (context) => {
  const { operation, key_id, outcome, since, until } = context.query
  return answerList(
    context,
    (page) => context.deps.audit.log.read(context.tenant, { ...page, operation, key_id, outcome, since, until }),
    (item) => JSON.stringify(item),
  )
}
