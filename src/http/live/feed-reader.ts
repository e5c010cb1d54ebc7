import type { FollowedPage, HistoryItem } from '../../model/history.ts'

/** What one read brought. */
export interface LivePage {
  readonly items: readonly HistoryItem[]
  /** Where the reader stands when it has all that there was, unless it was told so. */
  readonly up_to_date: string | null
}

export interface FeedSource {
  /** A cursor, exclusive; from the beginning when undefined. */
  readonly after: string | undefined
  readonly read: (after: string) => Promise<FollowedPage>
  /** Waits until it is worth while to look again; false when nobody listens any more. */
  readonly nextLook: () => Promise<boolean>
}

/**
 * Reads the feed to its end, and on from there with each look. What a look brings depends on the reader's position alone, so looks
 * may come too often or late, and a stream may break off anywhere: the next one goes on behind the last item that arrived.
 */
export async function* readLivePages({ after, read, nextLook }: FeedSource): AsyncGenerator<LivePage, void, undefined> {
  let position = after ?? '0'
  let told: string | null = null
  for (;;) {
    const { items, more, through } = await read(position)
    position = through
    // With a filter the position also moves past what was left out.
    const isNews = !more && position !== told
    if (isNews) told = position
    if (items.length > 0 || isNews) yield { items, up_to_date: isNews ? position : null }
    if (!more && !(await nextLook())) return
  }
}
