import { type SQL, sql } from 'drizzle-orm'
import type { HistoryItem, HistoryPage } from '../../model/history.ts'
import { MAX_PAGE_BYTES } from '../../model/limits.ts'
import type { Connection, Row } from './connection.ts'
import { AnswerTooLargeError } from './errors.ts'
import { events, quarantine } from './schema.ts'

/** What a page's cut needs of a candidate row. `refused` is the text of a quarantined event, which has no `event`. */
export const CANDIDATE_COLUMNS = sql`${events.id} AS position, ${events.conversationId}, ${events.seq}, ${events.recordedAt},
  ${events.eventBytes}, ${events.event}, NULL::text AS refused`

/** The same of a quarantined event. */
export const QUARANTINE_CANDIDATE_COLUMNS = sql`${quarantine.position}, ${quarantine.conversationId}, ${quarantine.seq},
  ${quarantine.recordedAt}, ${quarantine.eventBytes}, NULL::json, ${quarantine.event}`

export type ItemColumn = 'position' | 'conversation_id' | 'seq' | 'recorded_at' | 'event'

export const ITEM_COLUMNS = sql`position, conversation_id, seq, ${isoTime(sql`recorded_at`)} AS recorded_at,
  coalesce(event::text, refused) AS event`

/** Selects a page of at most so many rows and, but for the first row, so many bytes of event text; `more` of the last tells of others. */
export type PageStatement = (rowLimit: number, byteLimit: number) => SQL

/** A page's rows in `columns` (an SQL select list over the candidates' columns). */
interface PageSource {
  /** Selects the next `rows` rows at most, each with its `event_bytes`. */
  readonly candidates: (rows: number) => SQL
  readonly order: SQL
  readonly columns: SQL
}

/** Looks at one row more than the limit, and at the running sum of sizes: large events that do not fit are never read. */
export function cutPage({ candidates, order, columns }: PageSource): PageStatement {
  return (rowLimit, byteLimit) => sql`
    SELECT ${columns}, more
    FROM (
      SELECT candidate.*, row_number() OVER page AS place, sum(event_bytes) OVER page AS bytes,
        lead(true, 1, false) OVER page AS more
      FROM (${candidates(rowLimit + 1)}) AS candidate
      WINDOW page AS (ORDER BY ${order} ROWS UNBOUNDED PRECEDING)
    ) AS placed
    WHERE place <= ${rowLimit}::bigint AND (place = 1 OR bytes <= ${byteLimit}::bigint)
    ORDER BY place`
}

/**
 * Reads one page of rows. `more` is exact whichever bound ended it. Where JSON escaping takes the answer over Neon's cap, both bounds
 * are halved: the largest event alone stays below it.
 */
export async function readRows<Column extends string>(
  connection: Connection,
  operation: string,
  statement: PageStatement,
  limit: number,
  maxBytes = MAX_PAGE_BYTES,
): Promise<{ readonly rows: readonly Row<Column>[]; readonly more: boolean }> {
  let rowLimit = limit
  let byteLimit = Math.min(maxBytes, MAX_PAGE_BYTES)
  for (;;) {
    try {
      const rows = await connection.rows<Column | 'more'>(operation, statement(rowLimit, byteLimit))
      return { rows, more: rows.at(-1)?.more === 't' }
    } catch (error) {
      if (!(error instanceof AnswerTooLargeError) || rowLimit <= 1) throw error
      rowLimit = Math.floor(rowLimit / 2)
      byteLimit = Math.floor(byteLimit / 2)
    }
  }
}

/** Reads one page of items: `statement` has the columns of `ITEM_COLUMNS`, as those of the database's own functions have. */
export async function readPage(
  connection: Connection,
  operation: string,
  statement: PageStatement,
  limit: number,
  maxBytes?: number,
): Promise<HistoryPage> {
  const { rows, more } = await readRows<ItemColumn>(connection, operation, statement, limit, maxBytes)
  return { items: rows.map(toItem), more }
}

/** ISO 8601 in UTC with milliseconds, whatever the session's time zone and date style. */
export function isoTime(time: SQL): SQL {
  return sql`to_char(${time} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`
}

export function toItem(row: Row<ItemColumn>): HistoryItem {
  return {
    position: row.position,
    conversation_id: row.conversation_id,
    seq: Number(row.seq),
    recorded_at: row.recorded_at,
    event: row.event,
  }
}

/** Conditions that must all hold; those that do not apply are undefined. */
export function allOf(conditions: readonly (SQL | undefined)[]): SQL {
  return sql.join(
    conditions.filter((condition) => condition !== undefined),
    sql` AND `,
  )
}
