import type { PageItems, TextItem } from './page-texts.ts'

/** Reads the page after a cursor, or the first one. */
export type ReadPage = (after: string | null, signal: AbortSignal) => Promise<PageItems>

/**
 * The items of a list, page by page. While the items of a page are taken the next one is fetched: two pages are in memory
 * at most. Who stops early stops the fetching, too.
 */
export async function* readItems(readPage: ReadPage, signal: AbortSignal | undefined): AsyncGenerator<TextItem, void, undefined> {
  const controller = new AbortController()
  const abort = () => controller.abort(signal?.reason)
  signal?.addEventListener('abort', abort, { once: true })
  try {
    signal?.throwIfAborted()
    let next: Promise<PageItems> | null = readPage(null, controller.signal)
    while (next) {
      const { items, next_cursor }: PageItems = await next
      next = null
      for (const [place, item] of items.entries()) {
        // Not before the second item: a reader that wants one has no use for another page.
        if (place > 0 && next_cursor !== null) next ??= ahead(readPage(next_cursor, controller.signal))
        yield item
        signal?.throwIfAborted()
      }
      if (next_cursor !== null) next ??= readPage(next_cursor, controller.signal)
    }
  } finally {
    signal?.removeEventListener('abort', abort)
    controller.abort()
  }
}

/** A page that nobody waits for yet may fail without harm; who comes for it is told. */
function ahead(page: Promise<PageItems>): Promise<PageItems> {
  page.catch(() => undefined)
  return page
}
