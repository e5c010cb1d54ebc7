import { DEFAULT_PAGE_ITEMS } from '../../model/limits.ts'

export interface AskedRead {
  /** Of the operation. */
  readonly path: string
  readonly query: URLSearchParams
  /** Asked for as lines, which have no end but that of the list. */
  readonly lines: boolean
  /** What it was answered with, as far as is known. */
  readonly count: number | null
}

/**
 * Whether a request reads the feed at large, for whatever it was answered: as lines, live, in a page of more than the usual size, or
 * in further full pages, as whoever reads all of it has to. Who follows the feed gets pages that are not full.
 */
export function isExport({ path, query, lines, count }: AskedRead): boolean {
  if (path === '/v1/events/live') return true
  if (path !== '/v1/events') return false
  const limit = Number(query.get('limit') ?? DEFAULT_PAGE_ITEMS)
  return lines || limit > DEFAULT_PAGE_ITEMS || (query.has('after') && count !== null && count >= limit)
}
