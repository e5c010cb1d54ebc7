import { cutElements } from '../model/cut-elements.ts'

export interface PageTexts {
  /** The events' verbatim texts. */
  readonly texts: readonly string[]
  readonly next_cursor: string | null
}

/** An item whose event is still text. */
export interface TextItem {
  readonly seq: number
  readonly cursor: string
  readonly recorded_at: string
  readonly text: string
}

export interface PageItems {
  readonly items: readonly TextItem[]
  readonly next_cursor: string | null
}

const OPENING = '{"items":['
const CLOSING = '],"next_cursor":'
/** What stands before an event in its item; names and order are the service's. */
const EVENT = '"event":'

/** Takes a page apart around the events' own texts, without parsing these: a number keeps its digits. */
export function readPageTexts(page: string): PageTexts {
  const { items, next_cursor } = cutPage(page)
  return { texts: items.map((item) => cutItem(item).text), next_cursor }
}

/** As `readPageTexts`, with what stands beside the events. */
export function readPageItems(page: string): PageItems {
  const { items, next_cursor } = cutPage(page)
  return {
    items: items.map(readItem),
    next_cursor,
  }
}

/** One item, as it stands in a page. */
export function readItem(item: string): TextItem {
  const { head, text } = cutItem(item)
  return { ...(JSON.parse(head) as Omit<TextItem, 'text'>), text }
}

/** The text of the event of one item. */
export function readItemText(item: string): string {
  return cutItem(item).text
}

function cutPage(page: string): { items: string[]; next_cursor: string | null } {
  const end = page.lastIndexOf(CLOSING)
  if (!page.startsWith(OPENING) || end < 0) throw new Error('the answer is no page of events')
  const items = page.slice(OPENING.length, end)
  return {
    items: items === '' ? [] : cutElements(items),
    next_cursor: JSON.parse(page.slice(end + CLOSING.length, -1)) as string | null,
  }
}

function cutItem(item: string): { head: string; text: string } {
  const at = item.indexOf(EVENT)
  if (at < 0 || !item.startsWith('{')) throw new Error('the answer holds something that is no item')
  // A comma stands before the event's name.
  return { head: `${item.slice(0, at - 1)}}`, text: item.slice(at + EVENT.length, -1) }
}
