import type { listKeys as operation } from '../../protocol/operations.ts'
import type { Route } from '../context.ts'
import { answerList } from '../lists.ts'

export const listKeys: Route<typeof operation> = (context) =>
  answerList(
    context,
    (page) => context.deps.keys.list(context.tenant, page),
    (item) => JSON.stringify(item),
  )
