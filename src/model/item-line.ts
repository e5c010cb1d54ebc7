import type { HistoryItem } from './history.ts'

/** A stored event as the API gives it, its text as it was recorded. */
export function itemText({ seq, recorded_at, event }: HistoryItem, cursor: string): string {
  return `{"seq":${seq},"cursor":"${cursor}","recorded_at":"${recorded_at}","event":${event}}`
}

/** The same on a line of its own: line breaks, which can stand only between the event's tokens, become spaces. */
export function itemLine(item: HistoryItem, cursor: string): string {
  return `${itemText(item, cursor).replace(/[\r\n]/g, ' ')}\n`
}
