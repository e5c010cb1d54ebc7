import { type SQL, sql } from 'drizzle-orm'
import { PUBLISH_EVENT_TYPES } from '../../model/event-types.ts'
import type { HistoryPage, PageRequest, TopicFilter } from '../../model/history.ts'
import type { Connection } from './connection.ts'
import { checkedPosition } from './errors.ts'
import { readPage } from './page.ts'
import type { events, quarantine } from './schema.ts'

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
  if (topic.offsets === undefined) {
    return readPage(
      connection,
      OPERATION,
      (rows, bytes) => sql`SELECT * FROM application_events_of_topic(${tenant}, ${topic.name}, ${after}, ${rows}, ${bytes})`,
      page.limit,
    )
  }
  const offsets = [...new Set(topic.offsets)].filter(Number.isSafeInteger)
  if (offsets.length === 0) return { items: [], more: false }
  return readPage(
    connection,
    OPERATION,
    (rows, bytes) =>
      sql`SELECT * FROM events_at_offsets(${tenant}, ${topic.name}, ${sql.param(offsets)}, ${after}, ${rows}, ${bytes})`,
    page.limit,
  )
}

/** Only application events belong to no assistant request. Stands so in the partial index. */
export function isApplicationEvent(table: typeof events | typeof quarantine): SQL {
  return sql`${table.assistantRequestId} IS NULL`
}
