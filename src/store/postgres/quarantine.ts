import { sql } from 'drizzle-orm'
import type { QuarantinedEvent } from '../../model/history.ts'
import type { Connection } from './connection.ts'

/** Puts one refused event into the quarantine. Safe to repeat. */
export async function quarantine(connection: Connection, refused: QuarantinedEvent): Promise<void> {
  const { tenant, conversation_id, seq, recorded_at, event_id, code, reason, event } = refused
  await connection.rows(
    'quarantine',
    sql`SELECT quarantine_event(${tenant}, ${conversation_id}, ${seq}::bigint, ${recorded_at}::bigint, ${event_id}, ${code}, ${reason},
      ${event})::text`,
  )
}
