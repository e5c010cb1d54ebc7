import { lengthOf, type Segment } from './segment.ts'

export interface PageQuery {
  /** Seq, exclusive. */
  readonly after: number
  /** Seq, inclusive. */
  readonly until_seq: number
  readonly limit: number
  readonly max_bytes: number
}

/** Consecutive events of one segment. */
export interface Run {
  readonly segment: Segment
  /** Place of the first in the segment. */
  readonly place: number
  readonly count: number
}

export interface PickedPage {
  readonly runs: readonly Run[]
  readonly items: number
  /** Event text in bytes. */
  readonly bytes: number
  /** Seq of the last event; null where there is none. */
  readonly last_seq: number | null
  /** Seq up to which the log was looked through: where the next page begins. */
  readonly scanned_through: number
}

/** Heads that one read looks through. A filter that matches little ends its page here, so that no read holds up the writers. */
const MAX_SCANNED_EVENTS = 20_000

/**
 * Chooses a page's events: at most `limit` items and `max_bytes` of text, but always one if there is one.
 * `matches` gets an event's head as stored; without it no head is parsed.
 */
export function pickPage(segments: Iterable<Segment>, query: PageQuery, matches?: (head: unknown) => boolean): PickedPage {
  const runs: Run[] = []
  let items = 0
  let bytes = 0
  let scanned = 0
  let through = query.after
  let last: number | null = null
  const picked = (): PickedPage => ({ runs, items, bytes, last_seq: last, scanned_through: through })
  for (const segment of segments) {
    if (segment.first_seq > query.until_seq) break
    const heads = matches ? (JSON.parse(`[${segment.heads}]`) as unknown[]) : null
    const firstPlace = Math.max(query.after + 1 - segment.first_seq, 0)
    const endPlace = Math.min(segment.count, query.until_seq + 1 - segment.first_seq)
    let count = 0
    const closeRun = (end: number) => {
      if (count > 0) runs.push({ segment, place: end - count, count })
      count = 0
    }
    for (let place = firstPlace; place < endPlace; place++) {
      if (!heads || matches?.(heads[place])) {
        const length = lengthOf(segment.meta, place)
        if (items === query.limit || (items > 0 && bytes + length > query.max_bytes)) {
          closeRun(place)
          return picked()
        }
        items += 1
        count += 1
        bytes += length
        last = segment.first_seq + place
      } else closeRun(place)
      through = segment.first_seq + place
      scanned += 1
    }
    closeRun(endPlace)
    if (endPlace < segment.count || (heads && scanned >= MAX_SCANNED_EVENTS) || items === query.limit) break
  }
  return picked()
}
