import { sql } from 'drizzle-orm'
import type { HistoryPage, PageRequest } from '../../model/history.ts'
import type { Connection } from './connection.ts'
import { checkedPosition } from './errors.ts'
import { CANDIDATE_COLUMNS, readPage } from './page.ts'
import { events } from './schema.ts'

const OPERATION = 'assistantRequestEvents'

/** All events of an assistant request in the order of recording. */
export async function assistantRequestEvents(
  connection: Connection,
  tenant: string,
  assistantRequestId: string,
  page: PageRequest,
): Promise<HistoryPage> {
  const after = checkedPosition(OPERATION, page.after ?? '0')
  return readPage(
    connection,
    OPERATION,
    (rows) => sql`SELECT ${CANDIDATE_COLUMNS} FROM ${events}
      WHERE ${events.tenantId} = ${tenant} AND ${events.assistantRequestId} = ${assistantRequestId} AND ${events.id} > ${after}::bigint
      ORDER BY ${events.id} LIMIT ${rows}::bigint`,
    sql`position`,
    page.limit,
  )
}
