import { sql } from 'drizzle-orm'
import type { AppendOutcome, PendingEvents } from '../../model/history.ts'
import type { Connection } from './connection.ts'
import { jsonArray, write } from './write.ts'

interface Answer extends Omit<AppendOutcome, 'cleared' | 'cleared_conversations'> {
  readonly cleared: Readonly<Record<string, number>>
  readonly cleared_conversations?: AppendOutcome['cleared_conversations']
}

/** Stores the batches in one round trip (three when a month's partition is missing) and one transaction. Safe to repeat. */
export async function append(connection: Connection, batches: readonly PendingEvents[]): Promise<AppendOutcome> {
  if (batches.length === 0) return { cleared: new Map(), cleared_conversations: [], set_aside: [] }
  const places = batches.map(({ tenant, conversation_id, segments }) => ({ tenant, conversation_id, segments }))
  const { cleared, cleared_conversations, set_aside } = await write<Answer>(
    connection,
    'append',
    sql`append_events(${JSON.stringify(places)}::json, ${jsonArray(batches.map((batch) => batch.heads))}::json,
      ${jsonArray(batches.map((batch) => batch.events))}::json)`,
  )
  // Absent where the migration that clears conversations has not run yet.
  return { cleared: new Map(Object.entries(cleared)), cleared_conversations: cleared_conversations ?? [], set_aside }
}
