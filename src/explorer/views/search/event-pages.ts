import type { StoredEvent } from '../../../client/index.ts'
import { member } from '../../../model/event-context.ts'
import { itemOf } from '../../data/conversation-item.ts'
import type { EventFilter } from './event-filter.ts'
import { type EventHit, eventHitOf } from './event-hit.ts'

/** Events that come at a time: as many as the service hands out without calling it an export. */
export const PAGE_EVENTS = 100

export interface EventPage {
  readonly hits: readonly EventHit[]
  /** The cursor to go on after; null when there is nothing more. */
  readonly next: string | null
}

/** Takes a page of those that fit; stops the reading there. */
export async function takePage(events: AsyncIterable<StoredEvent<object>>, filter: EventFilter): Promise<EventPage> {
  const hits: EventHit[] = []
  for await (const stored of events) {
    const item = itemOf(stored)
    if (!fits(item.raw, filter)) continue
    hits.push(await eventHitOf(item))
    if (hits.length === PAGE_EVENTS) return { hits, next: item.cursor }
  }
  return { hits, next: null }
}

function fits(raw: unknown, { type, name }: EventFilter): boolean {
  return (type === '' || member(raw, 'event_type') === type) && (name === '' || member(raw, 'event_name') === name)
}
