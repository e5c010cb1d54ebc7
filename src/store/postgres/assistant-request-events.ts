import { sql } from 'drizzle-orm'
import type { HistoryPage, PageRequest } from '../../model/history.ts'
import type { Connection } from './connection.ts'
import { checkedPosition } from './errors.ts'
import { readPage } from './page.ts'

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
    (rows, bytes) => sql`SELECT * FROM events_of_request(${tenant}, ${assistantRequestId}, ${after}, ${rows}, ${bytes})`,
    page.limit,
  )
}
