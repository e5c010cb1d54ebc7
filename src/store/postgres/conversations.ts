import { type SQL, sql } from 'drizzle-orm'
import type { ConversationKind } from '../../model/conversation-kind.ts'
import type { ConversationInfo, ConversationPage, ConversationsRequest } from '../../model/history.ts'
import type { Connection, Row } from './connection.ts'
import { checkedPosition } from './errors.ts'
import { isoTime } from './page.ts'
import { conversations as table } from './schema.ts'

type InfoColumn = 'conversation_id' | 'head_seq' | 'event_count' | 'first_at' | 'last_at'

/** The tenant's conversations, newest activity first. One that gets events between two pages moves ahead of the reader. */
export async function conversations(
  connection: Connection,
  tenant: string,
  page: ConversationsRequest,
): Promise<ConversationPage> {
  const after = page.after === undefined ? undefined : checkedPosition('conversations', page.after)
  const rows = page.limit + 1
  // The index has each kind apart, so that of a rare one no page reads more than its own.
  const ofKind = (kind: ConversationKind) => sql`
    SELECT ${INFO_COLUMNS}, ${table.activity} FROM ${table}
    WHERE ${table.tenantId} = ${tenant} AND ${table.eventCount} > 0 AND ${IS_APPLICATION_LOG} = ${sql.raw(String(kind === 'application'))}
      ${after === undefined ? sql`` : sql`AND ${table.activity} < ${after}::bigint`}
    ORDER BY ${table.activity} DESC LIMIT ${rows}::bigint`
  const found = await connection.rows<InfoColumn | 'activity'>(
    'conversations',
    page.kind !== undefined
      ? ofKind(page.kind)
      : sql`(${ofKind('agent')}) UNION ALL (${ofKind('application')}) ORDER BY activity DESC LIMIT ${rows}::bigint`,
  )
  const items = found.slice(0, page.limit).map((row) => ({ ...toInfo(row), cursor: row.activity }))
  return { items, more: found.length > page.limit }
}

/** Stands so in the index. */
const IS_APPLICATION_LOG: SQL = sql`(${table.conversationId} ~ '^(workflow|topic):')`

const INFO_COLUMNS: SQL = sql`${table.conversationId}, ${table.headSeq}, ${table.eventCount},
  ${isoTime(sql`${table.firstAt}`)} AS first_at, ${isoTime(sql`${table.lastAt}`)} AS last_at`

function toInfo(row: Row<InfoColumn>): ConversationInfo {
  return {
    conversation_id: row.conversation_id,
    head_seq: Number(row.head_seq),
    event_count: Number(row.event_count),
    first_at: row.first_at,
    last_at: row.last_at,
  }
}
