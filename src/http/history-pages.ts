import type { PageFormat } from '../conversation/render-items.ts'
import { pageTag } from '../conversation/rpc.ts'
import type { HistoryItem, HistoryPage, PageRequest } from '../model/history.ts'
import { itemLine, itemText } from '../model/item-line.ts'
import { itemMessage } from './live/event-message.ts'
import type { PageSource } from './pages.ts'

/** Pages of the history; their cursor is the position in the feed. */
export function historyPages(read: (page: PageRequest) => Promise<HistoryPage>): PageSource {
  return async (demand) => {
    const { items, more } = await read({ after: demand.after, limit: demand.limit })
    const last = items.at(-1)
    const nextCursor = more && last ? last.position : null
    const text = renderHistoryItems(items, demand.format, (item) => item.position)
    return {
      items: items.length,
      next_cursor: nextCursor,
      tag: pageTag(0, items[0]?.position ?? demand.after ?? '0', last?.position ?? '0', items.length, nextCursor),
      body: demand.format === 'json' ? frame(text, nextCursor) : text,
    }
  }
}

/** Items as they go out, joined by commas, or a line each, or a message each. The event's text is put in as it is. */
export function renderHistoryItems(
  items: readonly HistoryItem[],
  format: PageFormat,
  cursorOf: (item: HistoryItem) => string,
): string {
  return items
    .map((item) => {
      const cursor = cursorOf(item)
      if (format === 'ndjson') return itemLine(item, cursor)
      const text = itemText(item, cursor)
      return format === 'sse' ? itemMessage(cursor, text) : text
    })
    .join(format === 'json' ? ',' : '')
}

export function frame(items: string, nextCursor: string | null): string {
  return `{"items":[${items}],"next_cursor":${nextCursor === null ? 'null' : JSON.stringify(nextCursor)}}`
}
