import { sql } from 'drizzle-orm'
import type { HistoryItem } from '../../model/history.ts'
import type { Connection } from './connection.ts'
import { readPage } from './page.ts'

/** The event that was recorded first under this id, one that was set aside included; null when there is none. */
export async function event(connection: Connection, tenant: string, eventId: string): Promise<HistoryItem | null> {
  const page = await readPage(
    connection,
    'event',
    (rows, bytes) => sql`SELECT * FROM events_with_id(${tenant}, ${eventId}, ${rows}, ${bytes})`,
    1,
  )
  return page.items[0] ?? null
}
