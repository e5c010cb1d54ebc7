import { type SQL, sql } from 'drizzle-orm'
import type { FeedQuery, HistoryPage } from '../../model/history.ts'
import type { Connection } from './connection.ts'
import { checkedPosition } from './errors.ts'
import { allOf, CANDIDATE_COLUMNS, readPage } from './page.ts'
import { events } from './schema.ts'
import { isApplicationEvent } from './topic-events.ts'

/** All events of the tenant in the order of recording, or backwards. `since` and `until` leave the other months' partitions unread. */
export async function feed(connection: Connection, tenant: string, query: FeedQuery): Promise<HistoryPage> {
  const { candidates, order } = feedSource('feed', tenant, query)
  return readPage(connection, 'feed', candidates, order, query.limit, query.max_bytes)
}

/** The next rows of the feed, for `readPage`. */
export function feedSource(operation: string, tenant: string, query: FeedQuery) {
  const after = query.after === undefined ? undefined : checkedPosition(operation, query.after)
  const direction = query.order === 'desc' ? sql`DESC` : sql`ASC`
  const conditions = [
    sql`${events.tenantId} = ${tenant}`,
    after === undefined ? undefined : sql`${events.id} ${query.order === 'desc' ? sql`<` : sql`>`} ${after}::bigint`,
    query.event_type === undefined ? undefined : sql`${events.eventType} = ${query.event_type}`,
    query.event_name === undefined ? undefined : sql`${events.eventName} = ${query.event_name}`,
    query.topic_name === undefined ? undefined : sql`${events.topicName} = ${query.topic_name}`,
    query.since === undefined ? undefined : sql`${events.timestamp} >= ${query.since}::timestamptz`,
    query.until === undefined ? undefined : sql`${events.timestamp} < ${query.until}::timestamptz`,
  ]
  const select = (rows: number, kind?: SQL) =>
    sql`SELECT ${CANDIDATE_COLUMNS} FROM ${events} WHERE ${allOf([...conditions, kind])} ORDER BY ${events.id} ${direction} LIMIT ${rows}::bigint`
  const order = sql`position ${direction}`
  if (query.topic_name === undefined) return { candidates: (rows: number) => select(rows), order }
  // The two kinds of events that name topics are in an index each.
  const ofTopic = (rows: number) => sql`SELECT found.* FROM (
      (${select(rows, isApplicationEvent(events))}) UNION ALL (${select(rows, sql`NOT (${isApplicationEvent(events)})`)})
    ) AS found ORDER BY ${order} LIMIT ${rows}::bigint`
  return { candidates: ofTopic, order }
}
