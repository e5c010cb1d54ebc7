import type { readFeed as operation } from '../../protocol/operations.ts'
import type { Route } from '../context.ts'
import { flushSession } from '../flush.ts'
import { historyPages } from '../history-pages.ts'
import { answerPages } from '../pages.ts'

export const readFeed: Route<typeof operation> = async (context) => {
  const { deps, tenant, query } = context
  const { order = 'asc' } = query
  const source = historyPages((page) => deps.history.feed(tenant, { ...query, ...page, order }))
  await flushSession(context)
  // From the newest down, a page is full and yet another one with every event.
  return answerPages(context, source, query, order === 'asc')
}
