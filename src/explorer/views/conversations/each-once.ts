import type { ConversationList } from '../../../client/monitor/index.ts'

export type ConversationRow = ConversationList['items'][number]

/** A conversation that got events between two pages may be on both. The later one knows more of it, and the first is its place. */
export function eachOnce(rows: readonly ConversationRow[]): readonly ConversationRow[] {
  return [...new Map(rows.map((row) => [row.conversation_id, row])).values()]
}
