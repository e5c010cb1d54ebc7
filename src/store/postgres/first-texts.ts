import { sql } from 'drizzle-orm'
import { MAX_PAGE_ITEMS } from '../../model/limits.ts'
import type { Connection } from './connection.ts'
import { CANDIDATE_COLUMNS, cutPage, readRows } from './page.ts'
import { events } from './schema.ts'

/** The texts that stand under the ids, by id; unknown ids are left out. A round trip for each page of them. */
export async function firstTexts(
  connection: Connection,
  tenant: string,
  eventIds: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const texts = new Map<string, string>()
  for (let after = '0', more = eventIds.length > 0; more; ) {
    const statement = cutPage({
      candidates: (rows) => sql`SELECT ${CANDIDATE_COLUMNS}, ${events.eventId} FROM ${events}
        WHERE ${events.tenantId} = ${tenant} AND ${events.id} > ${after}::bigint
          AND ${events.eventId} = ANY (ARRAY(SELECT json_array_elements_text(${JSON.stringify(eventIds)}::json)))
        ORDER BY ${events.id} LIMIT ${rows}::bigint`,
      order: sql`position`,
      columns: sql`position, event_id, event::text AS event`,
    })
    const page = await readRows<'position' | 'event_id' | 'event'>(connection, 'recordEvents', statement, MAX_PAGE_ITEMS)
    for (const { event_id, event } of page.rows) texts.set(event_id, event)
    after = page.rows.at(-1)?.position ?? after
    more = page.more
  }
  return texts
}
