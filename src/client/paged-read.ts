import { MAX_PAGE_ITEMS } from '../model/limits.ts'
import { understand } from './failure.ts'
import { type PageItems, readPageItems, readPageTexts, type TextItem } from './page-texts.ts'
import { readItems } from './read-pages.ts'
import type { ServiceAnswer, ServiceRequest } from './service.ts'
import { type Query, withQuery } from './with-query.ts'

/** Items of a page that an iterator holds, within the bound on a page's bytes. */
const ITERATED_PAGE_ITEMS = 1_000

/** A list of the service that comes page by page. */
export interface PagedRead {
  readonly operation: string
  readonly path: string
  /** Without `after` and `limit`. */
  readonly query?: Query
  /** The cursor to begin after. */
  readonly after?: string | number | undefined
  /** Items at most that an iterator gives, from 1. */
  readonly limit?: number | undefined
  readonly call: (request: ServiceRequest) => Promise<ServiceAnswer>
}

/** The verbatim texts of all events of the list. */
export async function allTexts(read: PagedRead, signal: AbortSignal | undefined): Promise<string[]> {
  const texts: string[] = []
  let after: string | null = null
  do {
    const text: string = await readPage(read, after, MAX_PAGE_ITEMS, signal)
    const page = understand(read.operation, text, readPageTexts)
    for (const one of page.texts) texts.push(one)
    after = page.next_cursor
  } while (after !== null)
  return texts
}

/** The items of the list as they are taken. */
export function eachItem(read: PagedRead, signal: AbortSignal | undefined): AsyncGenerator<TextItem, void, undefined> {
  let wanted = read.limit ?? Number.POSITIVE_INFINITY
  const pageAfter = async (after: string | null, ended: AbortSignal): Promise<PageItems> => {
    const text = await readPage(read, after, Math.min(wanted, ITERATED_PAGE_ITEMS), ended)
    const page = understand(read.operation, text, readPageItems)
    wanted -= page.items.length
    return wanted > 0 ? page : { ...page, next_cursor: null }
  }
  return readItems(pageAfter, signal)
}

async function readPage(read: PagedRead, after: string | null, limit: number, signal: AbortSignal | undefined): Promise<string> {
  const path = pathOf({ ...read, after: after ?? read.after }, { limit })
  return (await read.call({ operation: read.operation, method: 'GET', path, signal })).text
}

/** The path with its query, and more of that. */
export function pathOf({ path, query, after }: PagedRead, more: Query = {}): string {
  return withQuery(path, { ...more, ...query, after })
}
