import type { HistoryPage } from './history.ts'

/**
 * The position that a reader goes on from behind a page of the feed. `newest` is the tenant's last position when the page was read,
 * in the same snapshot; without it the page's own items say how far it went.
 */
export function throughOf(page: HistoryPage, after: string | undefined, newest: string | undefined): string {
  const last = page.items.at(-1)?.position
  // A page that ends early has not seen what stands behind its last item. Behind a clearing the newest may stand before the reader.
  const seen = page.more ? [last] : [last, newest]
  return seen.reduce<string>(
    (most, position) => (position !== undefined && BigInt(position) > BigInt(most) ? position : most),
    after ?? '0',
  )
}
