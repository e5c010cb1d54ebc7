import { cutElements } from '../model/cut-elements.ts'

export interface PageTexts {
  /** The events' verbatim texts. */
  readonly texts: readonly string[]
  readonly next_cursor: string | null
}

const OPENING = '{"items":['
const CLOSING = '],"next_cursor":'
/** What stands before an event in its item; names and order are the service's. */
const EVENT = '"event":'

/** Takes a page apart around the events' own texts, without parsing these: a number keeps its digits. */
export function readPageTexts(page: string): PageTexts {
  const end = page.lastIndexOf(CLOSING)
  if (!page.startsWith(OPENING) || end < 0) throw new Error('the answer is no page of events')
  const items = page.slice(OPENING.length, end)
  return {
    texts: items === '' ? [] : cutElements(items).map((item) => item.slice(item.indexOf(EVENT) + EVENT.length, -1)),
    next_cursor: JSON.parse(page.slice(end + CLOSING.length, -1)) as string | null,
  }
}
