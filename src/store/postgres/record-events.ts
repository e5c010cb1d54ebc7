import { sql } from 'drizzle-orm'
import type { ConversationRange } from '../../model/event-store.ts'
import type { PreparedEvent } from '../../model/event-store-base.ts'
import type { Connection } from './connection.ts'
import { jsonArray, write } from './write.ts'

export interface RecordOutcome {
  readonly recorded: number
  readonly conversations: readonly ConversationRange[]
  /** Events whose id was recorded before them, by their place in the list; whether that event has the same text, and where it stands. */
  readonly known: readonly {
    readonly index: number
    readonly same_text: boolean
    readonly conversation_id: string
    readonly seq: number
  }[]
}

/** Records the events in one INSERT, or none of them; their seqs are assigned under the tenant's lock. Safe to repeat. */
export function recordEvents(connection: Connection, tenant: string, events: readonly PreparedEvent[]): Promise<RecordOutcome> {
  const heads = events.map(({ conversation_id, head }) => JSON.stringify({ ...head, conversation_id }))
  return write<RecordOutcome>(
    connection,
    'recordEvents',
    sql`record_events(${tenant}, ${jsonArray(heads)}::json, ${jsonArray(events.map(({ text }) => text))}::json)`,
  )
}
