import { MAX_PAGE_ITEMS } from '../model/limits.ts'
import { type PageItems, readPageItems, readPageTexts, type TextItem } from './page-texts.ts'
import { readItems } from './read-pages.ts'
import { type ServiceAnswer, type ServiceRequest, understand } from './service.ts'

/** Items of a page that an iterator holds, within the bound on a page's bytes. */
const ITERATED_PAGE_ITEMS = 1_000

/** A list of the service that comes page by page. */
export interface PagedRead {
  readonly operation: string
  readonly path: string
  /** Without `after` and `limit`; absent members are left out. */
  readonly query?: Readonly<Record<string, string | undefined>>
  /** The cursor to begin after. */
  readonly after?: string | undefined
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
  const pageAfter = async (after: string | null, ended: AbortSignal): Promise<PageItems> =>
    understand(read.operation, await readPage(read, after, ITERATED_PAGE_ITEMS, ended), readPageItems)
  return readItems(pageAfter, signal)
}

async function readPage(
  { operation, path, query = {}, after: first, call }: PagedRead,
  after: string | null,
  limit: number,
  signal: AbortSignal | undefined,
): Promise<string> {
  const parameters = new URLSearchParams({ limit: String(limit) })
  for (const [name, value] of Object.entries(query)) if (value !== undefined) parameters.set(name, value)
  const cursor = after ?? first
  if (cursor !== undefined) parameters.set('after', cursor)
  return (await call({ operation, method: 'GET', path: `${path}?${parameters}`, signal })).text
}
