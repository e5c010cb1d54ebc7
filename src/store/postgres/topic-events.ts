import { sql } from 'drizzle-orm'
import { PUBLISH_EVENT_TYPES } from '../../model/event-types.ts'
import type { HistoryPage, PageRequest, TopicFilter } from '../../model/history.ts'
import type { Connection } from './connection.ts'
import { checkedPosition } from './errors.ts'
import { CANDIDATE_COLUMNS, readPage } from './page.ts'
import { events } from './schema.ts'

/** Stands in the statement's text, as it does in the partial index that it has to match. */
export const PUBLISH_TYPES = sql.raw(PUBLISH_EVENT_TYPES.map((type) => `'${type}'`).join(', '))

/** Published events of a topic at the given offsets, of all runs, in the order of recording. */
export async function topicEvents(
  connection: Connection,
  tenant: string,
  topic: TopicFilter,
  page: PageRequest,
): Promise<HistoryPage> {
  const after = checkedPosition('topicEvents', page.after ?? '0')
  const offsets = [...new Set(topic.offsets)].filter(Number.isSafeInteger)
  if (offsets.length === 0) return { items: [], more: false }
  // Offset by offset: every run has an offset 0, and the index gives each offset's events in their order, so that no page
  // reads more than its own.
  return readPage(
    connection,
    'topicEvents',
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
