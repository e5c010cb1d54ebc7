import { RequestFailure } from '../protocol/failure.ts'
import type { PageSource } from './pages.ts'

/** Events that one answer can be computed from: what is kept of each must fit the Worker's memory. */
const MAX_EVENTS = 100_000

/** Their text, in UTF-16 code units: what a graph keeps of an event can be as large as the event. */
const MAX_CHARACTERS = 64 * 1024 * 1024

const PAGE_ITEMS = 1000

/** Parses the events of a source one after the other, a page in memory at a time. Answers with their number. */
export async function eachEvent(source: PageSource, take: (event: unknown) => void): Promise<number> {
  let after: string | undefined
  let events = 0
  let characters = 0
  for (;;) {
    const page = await source({ after, limit: PAGE_ITEMS, format: 'json' })
    const text = await new Response(page.body).text()
    characters += text.length
    const { items } = JSON.parse(text) as { items: { event: unknown }[] }
    for (const { event } of items) take(event)
    events += items.length
    if (page.next_cursor === null) return events
    if (events >= MAX_EVENTS || characters >= MAX_CHARACTERS) {
      throw new RequestFailure({
        kind: 'too-large',
        limit: 'computed_events',
        maximum: MAX_EVENTS,
        detail: `This is computed from at most ${MAX_EVENTS} events of ${MAX_CHARACTERS / 1024 / 1024} MiB together. Read them in pages instead.`,
      })
    }
    after = page.next_cursor
  }
}
