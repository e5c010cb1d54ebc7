import { sql } from 'drizzle-orm'
import type { Connection } from './connection.ts'
import { events } from './schema.ts'

/** The conversation in which each of the ids stands, by id; quarantined events and unknown ids are left out. One round trip. */
export async function conversationsOfEvents(
  connection: Connection,
  tenant: string,
  eventIds: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  if (eventIds.length === 0) return new Map()
  // One array for the whole statement: each partition's primary key is probed once with all ids, in the order of the index.
  const rows = await connection.rows<'event_id' | 'conversation_id'>(
    'conversationsOfEvents',
    sql`SELECT DISTINCT ON (${events.eventId}) ${events.eventId}, ${events.conversationId} FROM ${events}
      WHERE ${events.tenantId} = ${tenant}
        AND ${events.eventId} = ANY (ARRAY(SELECT json_array_elements_text(${JSON.stringify(eventIds)}::json)))
      ORDER BY ${events.eventId}, ${events.id}`,
  )
  return new Map(rows.map((row) => [row.event_id, row.conversation_id]))
}
