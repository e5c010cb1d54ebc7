import { sql } from 'drizzle-orm'
import type { FeedQuery, HistoryPage } from '../../model/history.ts'
import type { Connection } from './connection.ts'
import { checkedPosition } from './errors.ts'
import { allOf, CANDIDATE_COLUMNS, readPage } from './page.ts'
import { events } from './schema.ts'

/** All events of the tenant in the order of recording, or backwards. `since` and `until` leave the other months' partitions unread. */
export async function feed(connection: Connection, tenant: string, query: FeedQuery): Promise<HistoryPage> {
  const after = query.after === undefined ? undefined : checkedPosition('feed', query.after)
  const direction = query.order === 'desc' ? sql`DESC` : sql`ASC`
  const conditions = allOf([
    sql`${events.tenantId} = ${tenant}`,
    after === undefined ? undefined : sql`${events.id} ${query.order === 'desc' ? sql`<` : sql`>`} ${after}::bigint`,
    query.event_type === undefined ? undefined : sql`${events.eventType} = ${query.event_type}`,
    query.event_name === undefined ? undefined : sql`${events.eventName} = ${query.event_name}`,
    query.since === undefined ? undefined : sql`${events.timestamp} >= ${query.since}::timestamptz`,
    query.until === undefined ? undefined : sql`${events.timestamp} < ${query.until}::timestamptz`,
  ])
  return readPage(
    connection,
    'feed',
    (rows) =>
      sql`SELECT ${CANDIDATE_COLUMNS} FROM ${events} WHERE ${conditions} ORDER BY ${events.id} ${direction} LIMIT ${rows}::bigint`,
    sql`position ${direction}`,
    query.limit,
  )
}
