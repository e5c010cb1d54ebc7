import { sql } from 'drizzle-orm'
import type { HistoryItem } from '../../model/history.ts'
import type { Connection } from './connection.ts'
import { CANDIDATE_COLUMNS, QUARANTINE_CANDIDATE_COLUMNS, readPage } from './page.ts'
import { events, quarantine } from './schema.ts'

/** The event that was recorded first under this id, one that was set aside included; null when there is none. */
export async function event(connection: Connection, tenant: string, eventId: string): Promise<HistoryItem | null> {
  const page = await readPage(
    connection,
    'event',
    // Without OFFSET 0 the planner may walk the feed in search of the first match.
    () => sql`SELECT * FROM (
        SELECT ${CANDIDATE_COLUMNS} FROM ${events} WHERE ${events.tenantId} = ${tenant} AND ${events.eventId} = ${eventId}
        UNION ALL
        SELECT ${QUARANTINE_CANDIDATE_COLUMNS} FROM ${quarantine}
          WHERE ${quarantine.tenantId} = ${tenant} AND ${quarantine.eventId} = ${eventId}
        OFFSET 0
      ) AS found ORDER BY position LIMIT 1`,
    sql`position`,
    1,
  )
  return page.items[0] ?? null
}
