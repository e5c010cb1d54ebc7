import { type SQL, sql } from 'drizzle-orm'
import type { ConversationQuery, EventFilter, HistoryPage, TopicFilter } from '../../model/history.ts'
import type { Connection } from './connection.ts'
import { checkedPosition } from './errors.ts'
import {
  allOf,
  CANDIDATE_COLUMNS,
  cutPage,
  ITEM_COLUMNS,
  type PageStatement,
  QUARANTINE_CANDIDATE_COLUMNS,
  readPage,
} from './page.ts'
import { events, quarantine } from './schema.ts'
import { isApplicationEvent, PUBLISH_TYPES } from './topic-events.ts'

const OPERATION = 'conversationEvents'
const LAST_SEQ = Number.MAX_SAFE_INTEGER

/**
 * A conversation in the order of seq, its quarantined events in their places. A filter other than `event_id` finds a quarantined
 * event by what could be read of it: nothing where the event holds a number that PostgreSQL cannot.
 */
export async function conversationEvents(
  connection: Connection,
  tenant: string,
  conversationId: string,
  query: ConversationQuery,
): Promise<HistoryPage> {
  const after = checkedPosition(OPERATION, query.after ?? '0')
  const { filter } = query
  if (filter?.topic?.offsets?.length === 0) return { items: [], more: false }
  const statement = filter ? filtered(tenant, conversationId, after, query, filter) : whole(tenant, conversationId, after, query)
  return readPage(connection, OPERATION, statement, query.limit, query.max_bytes)
}

function whole(tenant: string, conversation: string, after: string, { until_seq = LAST_SEQ }: ConversationQuery): PageStatement {
  return (rows, bytes) =>
    sql`SELECT * FROM events_of_conversation(${tenant}, ${conversation}, ${after}, ${until_seq}, ${rows}, ${bytes})`
}

function filtered(
  tenant: string,
  conversationId: string,
  after: string,
  query: ConversationQuery,
  filter: EventFilter,
): PageStatement {
  const conditions = (table: typeof events | typeof quarantine) =>
    allOf([
      sql`${table.tenantId} = ${tenant}`,
      sql`${table.conversationId} = ${conversationId}`,
      sql`${table.seq} > ${after}::bigint`,
      query.until_seq === undefined ? undefined : sql`${table.seq} <= ${query.until_seq}::bigint`,
      ...filters(table, filter),
    ])
  return cutPage({
    candidates: (rows) => sql`
      (SELECT ${CANDIDATE_COLUMNS} FROM ${events} WHERE ${conditions(events)} ORDER BY ${events.seq} LIMIT ${rows}::bigint)
      UNION ALL
      (SELECT ${QUARANTINE_CANDIDATE_COLUMNS} FROM ${quarantine} WHERE ${conditions(quarantine)} ORDER BY ${quarantine.seq} LIMIT ${rows}::bigint)
      ORDER BY seq LIMIT ${rows}::bigint`,
    order: sql`seq`,
    columns: ITEM_COLUMNS,
  })
}

function filters(table: typeof events | typeof quarantine, filter: EventFilter): (SQL | undefined)[] {
  return [
    filter.event_id === undefined ? undefined : sql`${table.eventId} = ${filter.event_id}`,
    filter.event_type === undefined ? undefined : sql`${table.eventType} = ${filter.event_type}`,
    filter.assistant_request_id === undefined ? undefined : sql`${table.assistantRequestId} = ${filter.assistant_request_id}`,
    filter.topic === undefined ? undefined : isOfTopic(table, filter.topic),
  ]
}

function isOfTopic(table: typeof events | typeof quarantine, { name, offsets }: TopicFilter): SQL {
  return offsets === undefined
    ? sql`${table.topicName} = ${name} AND ${isApplicationEvent(table)}`
    : sql`${table.topicName} = ${name} AND ${table.eventType} IN (${PUBLISH_TYPES})
        AND ${table.topicOffset}::text = ANY (${sql.param(offsets.map(String))}::text[])`
}
