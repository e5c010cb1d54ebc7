import { renderHistoryItems } from '../history-pages.ts'
import { upToDateMessage } from './event-message.ts'
import type { LivePage } from './feed-reader.ts'

/** Characters handed over at a time: their bytes are held beside the page's items. */
const PIECE_CHARACTERS = 64 * 1024

/** The messages of one read, in pieces. An event's text is put in as it is. `isFiltered` lets a reader resume behind what it did not get. */
export function* feedMessages({ items, up_to_date }: LivePage, isFiltered: boolean): Generator<string, void, undefined> {
  let piece = ''
  for (const item of items) {
    piece += renderHistoryItems([item], 'sse', ({ position }) => position)
    if (piece.length < PIECE_CHARACTERS) continue
    yield piece
    piece = ''
  }
  if (up_to_date !== null) piece += upToDateMessage(up_to_date, isFiltered)
  if (piece !== '') yield piece
}
