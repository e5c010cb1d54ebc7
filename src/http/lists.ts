import type { PageRequest } from '../model/history.ts'
import { sha256Hex } from '../model/sha256-hex.ts'
import type { RouteContext } from './context.ts'
import { frame } from './history-pages.ts'
import { answerPages, type PageQuery } from './pages.ts'

interface ListPage<T> {
  readonly items: readonly T[]
  readonly more: boolean
}

/** Answers with a list that changes in place, so that no cache keeps it; its tag is a hash of its text. */
export function answerList<T extends { readonly cursor: string }>(
  context: RouteContext,
  read: (page: PageRequest) => Promise<ListPage<T>>,
  render: (item: T) => string,
): Promise<Response> {
  const source = async (demand: { after: string | undefined; limit: number; format: 'json' | 'ndjson' }) => {
    const { items, more } = await read({ after: demand.after, limit: demand.limit })
    const nextCursor = more ? (items.at(-1)?.cursor ?? null) : null
    const lines = demand.format === 'ndjson'
    const texts = items.map((item) => (lines ? `${render(item).replace(/[\r\n]/g, ' ')}\n` : render(item)))
    const body = lines ? texts.join('') : frame(texts.join(','), nextCursor)
    return { items: items.length, next_cursor: nextCursor, tag: await textTag(body), body }
  }
  return answerPages(context, source, context.query as PageQuery, false)
}

async function textTag(text: string): Promise<string> {
  return `"${(await sha256Hex(text)).slice(0, 24)}"`
}
