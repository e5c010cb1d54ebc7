import type { listConversations as operation } from '../../protocol/operations.ts'
import type { Route } from '../context.ts'
import { flushSession } from '../flush.ts'
import { answerList } from '../lists.ts'

export const listConversations: Route<typeof operation> = async (context) => {
  const { kind, user_id } = context.query
  await flushSession(context)
  return answerList(
    context,
    (page) => context.deps.history.conversations(context.tenant, { ...page, kind, user_id }),
    (item) => JSON.stringify(item),
  )
}
