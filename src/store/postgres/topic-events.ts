import { type SQL, sql } from 'drizzle-orm'
import { PUBLISH_EVENT_TYPES } from '../../model/event-types.ts'
import type { HistoryPage, PageRequest, TopicFilter } from '../../model/history.ts'
import type { Connection } from './connection.ts'
import { checkedPosition } from './errors.ts'
import { CANDIDATE_COLUMNS, readPage } from './page.ts'
import { events, type quarantine } from './schema.ts'

const OPERATION = 'topicEvents'

/** Stands in the statement's text, as it does in the partial index that it has to match. */
export const PUBLISH_TYPES = sql.raw(PUBLISH_EVENT_TYPES.map((type) => `'${type}'`).join(', '))

/** Events of a topic in the order of recording: published ones at the given offsets, of all runs; without offsets the application events. */
export async function topicEvents(
  connection: Connection,
  tenant: string,
  topic: TopicFilter,
  page: PageRequest,
): Promise<HistoryPage> {
  const after = checkedPosition(OPERATION, page.after ?? '0')
  if (topic.offsets === undefined) return applicationEventsOf(connection, tenant, topic.name, after, page.limit)
  const offsets = [...new Set(topic.offsets)].filter(Number.isSafeInteger)
  if (offsets.length === 0) return { items: [], more: false }
  // Offset by offset: every run has an offset 0, and the index gives each offset's events in their order, so that no page
  // reads more than its own.
  return readPage(
    connection,
    OPERATION,
    (rows) => sql`SELECT found.* FROM unnest(${sql.param(offsets)}::bigint[]) AS wanted (at)
      CROSS JOIN LATERAL (
        SELECT ${CANDIDATE_COLUMNS} FROM ${events}
        WHERE ${events.tenantId} = ${tenant} AND ${events.topicName} = ${topic.name} AND ${events.topicOffset} = wanted.at
          AND ${events.eventType} IN (${PUBLISH_TYPES}) AND ${events.id} > ${after}::bigint
        ORDER BY ${events.id} LIMIT ${rows}::bigint
      ) AS found
      ORDER BY found.position LIMIT ${rows}::bigint`,
    sql`position`,
    page.limit,
  )
}

function applicationEventsOf(
  connection: Connection,
  tenant: string,
  name: string,
  after: string,
  limit: number,
): Promise<HistoryPage> {
  return readPage(
    connection,
    OPERATION,
    (rows) => sql`SELECT ${CANDIDATE_COLUMNS} FROM ${events}
      WHERE ${events.tenantId} = ${tenant} AND ${events.topicName} = ${name} AND ${isApplicationEvent(events)}
        AND ${events.id} > ${after}::bigint
      ORDER BY ${events.id} LIMIT ${rows}::bigint`,
    sql`position`,
    limit,
  )
}

/** Only application events belong to no assistant request. Stands so in the partial index. */
export function isApplicationEvent(table: typeof events | typeof quarantine): SQL {
  return sql`${table.assistantRequestId} IS NULL`
}
