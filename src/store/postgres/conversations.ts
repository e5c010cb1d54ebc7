import { type SQL, sql } from 'drizzle-orm'
import type { ConversationInfo, ConversationPage, PageRequest } from '../../model/history.ts'
import type { Connection, Row } from './connection.ts'
import { checkedPosition } from './errors.ts'
import { isoTime } from './page.ts'
import { conversations as table } from './schema.ts'

type InfoColumn = 'conversation_id' | 'head_seq' | 'event_count' | 'first_at' | 'last_at'

/** The tenant's conversations, newest activity first. One that gets events between two pages moves ahead of the reader. */
export async function conversations(connection: Connection, tenant: string, page: PageRequest): Promise<ConversationPage> {
  const after = page.after === undefined ? undefined : checkedPosition('conversations', page.after)
  const rows = await connection.rows<InfoColumn | 'activity'>(
    'conversations',
    sql`SELECT ${INFO_COLUMNS}, ${table.activity} FROM ${table}
      WHERE ${table.tenantId} = ${tenant} AND ${table.eventCount} > 0
        ${after === undefined ? sql`` : sql`AND ${table.activity} < ${after}::bigint`}
      ORDER BY ${table.activity} DESC LIMIT ${page.limit + 1}::bigint`,
  )
  const items = rows.slice(0, page.limit).map((row) => ({ ...toInfo(row), cursor: row.activity }))
  return { items, more: rows.length > page.limit }
}

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
