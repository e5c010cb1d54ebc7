import { type SQL, sql } from 'drizzle-orm'
import type { FeedQuery, HistoryPage } from '../../model/history.ts'
import type { Connection } from './connection.ts'
import { checkedPosition } from './errors.ts'
import { allOf, CANDIDATE_COLUMNS, cutPage, ITEM_COLUMNS, type PageStatement, readPage } from './page.ts'
import { events } from './schema.ts'
import { isApplicationEvent } from './topic-events.ts'

/** All events of the tenant in the order of recording, or backwards. `since` and `until` leave the other months' partitions unread. */
export async function feed(connection: Connection, tenant: string, query: FeedQuery): Promise<HistoryPage> {
  return readPage(connection, 'feed', feedPage('feed', tenant, query), query.limit, query.max_bytes)
}

/** The statement of a page of the feed. `operation` is named where the cursor is wrong. */
export function feedPage(operation: string, tenant: string, query: FeedQuery): PageStatement {
  const after = query.after === undefined ? undefined : checkedPosition(operation, query.after)
  if (query.order === 'asc' && isWhole(query)) {
    return (rows, bytes) => sql`SELECT * FROM events_of_tenant(${tenant}, ${after ?? '0'}, ${rows}, ${bytes})`
  }
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
  const cut = (candidates: (rows: number) => SQL) => cutPage({ candidates, order, columns: ITEM_COLUMNS })
  if (query.topic_name === undefined) return cut(select)
  // The two kinds of events that name topics are in an index each.
  return cut(
    (rows) => sql`SELECT found.* FROM (
      (${select(rows, isApplicationEvent(events))}) UNION ALL (${select(rows, sql`NOT (${isApplicationEvent(events)})`)})
    ) AS found ORDER BY ${order} LIMIT ${rows}::bigint`,
  )
}

/** Neither chosen nor bounded by anything but its cursor. */
export function isWhole({ event_type, event_name, topic_name, since, until }: Omit<FeedQuery, 'order'>): boolean {
  return [event_type, event_name, topic_name, since, until].every((choice) => choice === undefined)
}
